import {polynomialDecay, type SparsitySchedule} from '../schedule';
import {check, checkInteger, checkOptions, checkSparsity} from '../validate';
import {WEIGHT_PRUNING_OPTIONS, WeightPruning, type WeightPruningArgs} from './weight_pruning';

/** Arguments of `PolynomialDecay`. */
export interface PolynomialDecayArgs extends WeightPruningArgs {
  /** Sparsity at `beginStep`, in [0, 1). */
  initialSparsity: number;
  /** Sparsity from `endStep` on, in [0, 1). */
  finalSparsity: number;
  /** Step of the first pruning, at least 0. */
  beginStep: number;
  /** Step at which `finalSparsity` is reached, at least `beginStep`. */
  endStep: number;
  /** Exponent of the decay, above 0: 1 is linear. Default: 3. */
  power?: number;
  /** Steps between two updates of the masks, at least 1. Default: 100. */
  frequency?: number;
}

/**
 * Gradual magnitude pruning while the model trains: the sparsity rises from
 * `initialSparsity` to `finalSparsity`, fast at first and slowly at the end
 * (Zhu & Gupta 2017, https://arxiv.org/abs/1710.01878).
 *
 *     s(t) = final + (initial − final)·(1 − (t − begin)/(end − begin))^power
 *
 * Masks are updated at `beginStep`, each `frequency` steps from it, and at
 * `endStep`. A schedule that falls prunes no further: what is pruned stays so.
 * A layer with a final sparsity of its own starts at no more than that.
 *
 * @throws PruningError for an argument out of its range, an unknown option or
 *   layer, a model that is not compiled, and a NaN in the weights.
 * @example
 * const pruner = new PolynomialDecay({
 *   initialSparsity: 0.5, finalSparsity: 0.9, beginStep: 0, endStep: 2000,
 * });
 * await model.fit(x, y, {epochs: 4, callbacks: [pruner]});
 * stripPruning(model);
 */
export class PolynomialDecay extends WeightPruning {
  static readonly className = 'PolynomialDecay';
  private readonly decay: Required<Omit<PolynomialDecayArgs, keyof WeightPruningArgs>>;

  constructor(args: PolynomialDecayArgs) {
    checkOptions('PolynomialDecay', args, [...OPTIONS, ...WEIGHT_PRUNING_OPTIONS]);
    const {initialSparsity, finalSparsity, beginStep, endStep, power = 3, frequency = 100} = args;
    checkSparsity('initialSparsity', initialSparsity);
    checkSparsity('finalSparsity', finalSparsity);
    checkInteger('beginStep', beginStep, 0);
    checkInteger('endStep', endStep, beginStep);
    check(Number.isFinite(power) && power > 0, 'power', 'a number above 0', power);
    checkInteger('frequency', frequency, 1);
    super({beginStep, endStep, frequency}, args);
    this.decay = {initialSparsity, finalSparsity, beginStep, endStep, power, frequency};
    this.checkFinalSparsity(finalSparsity);
  }

  protected override schedule(finalSparsity = this.decay.finalSparsity): SparsitySchedule {
    const {initialSparsity, beginStep, endStep, power} = this.decay;
    const initial =
      finalSparsity === this.decay.finalSparsity
        ? initialSparsity
        : Math.min(initialSparsity, finalSparsity);
    return polynomialDecay(initial, finalSparsity, beginStep, endStep, power);
  }
}

const OPTIONS = [
  'initialSparsity',
  'finalSparsity',
  'beginStep',
  'endStep',
  'power',
  'frequency',
] as const;
