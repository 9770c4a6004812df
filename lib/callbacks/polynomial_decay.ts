import {checkOptions} from '../base/check';
import {DECAY_OPTIONS, polynomial, type DecayArgs} from '../schedule/decay';
import {checkPatternSparsity} from '../weights/structure';
import {WEIGHT_PRUNING_OPTIONS, WeightPruning, type WeightPruningArgs} from './base/weight_pruning';

/** Arguments of `PolynomialDecay`. */
export interface PolynomialDecayArgs extends DecayArgs, WeightPruningArgs {}

/**
 * Prunes by magnitude while the model trains. The sparsity rises from `initialSparsity`
 * to `finalSparsity`, fast at first and slowly at the end (Zhu & Gupta 2017,
 * https://arxiv.org/abs/1710.01878).
 *
 *     s(t) = final + (initial − final)·(1 − (t − begin)/(end − begin))^power
 *
 * Masks are updated at `beginStep`, every `frequency` steps after it, and at `endStep`. A
 * layer with its own final sparsity never starts above it.
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
  /** The class's name, which outlives minifiers. */
  static readonly className = 'PolynomialDecay';

  constructor(args: PolynomialDecayArgs) {
    checkOptions('PolynomialDecay', args, [...DECAY_OPTIONS, ...WEIGHT_PRUNING_OPTIONS]);
    super(polynomial(args), args);
    checkPatternSparsity(args.structure, args.finalSparsity);
  }
}
