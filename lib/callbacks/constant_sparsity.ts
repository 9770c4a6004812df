import {checkPatternSparsity} from '../pattern';
import {constantSparsity, type SparsitySchedule} from '../schedule';
import {checkInteger, checkOptions, checkSparsity} from '../validate';
import {WEIGHT_PRUNING_OPTIONS, WeightPruning, type WeightPruningArgs} from './weight_pruning';

/** Arguments of `ConstantSparsity`. */
export interface ConstantSparsityArgs extends WeightPruningArgs {
  /** Sparsity from `beginStep` on, in [0, 1). */
  targetSparsity: number;
  /** Step at which the model is pruned, at least 0. */
  beginStep: number;
  /** Last step at which masks may be updated; −1 for no end. Default: −1. */
  endStep?: number;
  /** Steps between two updates of the masks, at least 1. Default: 100. */
  frequency?: number;
}

/**
 * One-shot magnitude pruning at `beginStep`, then training with the masks held
 * (Han et al. 2015, https://arxiv.org/abs/1506.02626).
 *
 * @throws PruningError for an argument out of its range, an unknown option or
 *   layer, a model that is not compiled, and a NaN in the weights.
 * @example
 * const pruner = new ConstantSparsity({targetSparsity: 0.5, beginStep: 200});
 * await model.fit(x, y, {epochs: 4, callbacks: [pruner]});
 * stripPruning(model);
 */
export class ConstantSparsity extends WeightPruning {
  static readonly className = 'ConstantSparsity';
  private readonly target: Pick<ConstantSparsityArgs, 'targetSparsity' | 'beginStep'>;

  constructor(args: ConstantSparsityArgs) {
    checkOptions('ConstantSparsity', args, [...OPTIONS, ...WEIGHT_PRUNING_OPTIONS]);
    const {targetSparsity, beginStep, endStep = -1, frequency = 100} = args;
    checkSparsity('targetSparsity', targetSparsity);
    checkInteger('beginStep', beginStep, 0);
    if (endStep !== -1) {
      checkInteger('endStep', endStep, beginStep);
    }
    checkInteger('frequency', frequency, 1);
    super({beginStep, endStep: endStep === -1 ? Infinity : endStep, frequency}, args);
    this.target = {targetSparsity, beginStep};
    checkPatternSparsity(args.structure, targetSparsity);
  }

  protected override schedule(finalSparsity = this.target.targetSparsity): SparsitySchedule {
    return constantSparsity(finalSparsity, this.target.beginStep);
  }
}

const OPTIONS = ['targetSparsity', 'beginStep', 'endStep', 'frequency'] as const;
