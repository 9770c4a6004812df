import {checkOptions, checkSparsity} from '../base/check';
import {constantSparsity} from '../schedule/constant';
import {OPEN_ENDED_OPTIONS, type OpenEndedArgs} from '../schedule/open_ended';
import {goalOf} from '../schedule/updates';
import {checkPatternSparsity} from '../weights/structure';
import {WEIGHT_PRUNING_OPTIONS, WeightPruning, type WeightPruningArgs} from './base/weight_pruning';

/** Arguments of `ConstantSparsity`. */
export interface ConstantSparsityArgs extends OpenEndedArgs, WeightPruningArgs {
  /** Sparsity from `beginStep` on, in [0, 1). */
  targetSparsity: number;
}

/**
 * Prunes by magnitude once, at `beginStep`, and then trains with fixed masks (Han et al.
 * 2015, https://arxiv.org/abs/1506.02626).
 *
 * @throws PruningError for an argument out of its range, an unknown option or
 *   layer, a model that is not compiled, and a NaN in the weights.
 * @example
 * const pruner = new ConstantSparsity({targetSparsity: 0.5, beginStep: 200});
 * await model.fit(x, y, {epochs: 4, callbacks: [pruner]});
 * stripPruning(model);
 */
export class ConstantSparsity extends WeightPruning {
  /** The class's name, which outlives minifiers. */
  static readonly className = 'ConstantSparsity';

  constructor(args: ConstantSparsityArgs) {
    const options = ['targetSparsity', ...OPEN_ENDED_OPTIONS, ...WEIGHT_PRUNING_OPTIONS];
    checkOptions('ConstantSparsity', args, options);
    const {targetSparsity: sparsity, beginStep, endStep, frequency} = args;
    checkSparsity('targetSparsity', sparsity);
    super(constantSparsity({sparsity, beginStep, endStep, frequency}), args);
    checkPatternSparsity(args.structure, sparsity);
  }

  /** Also without an end, the masks stay as they are after the first update. */
  override get hasEnded(): boolean {
    return this.updated >= goalOf(this.timing.updates);
  }
}
