import {checkOptions, checkSparsity} from '../base/check';
import {OPEN_ENDED_OPTIONS, resolveOpenEnded, type OpenEndedArgs} from '../schedule/open_ended';
import {constantSparsity, type SparsitySchedule} from '../schedule/schedule';
import {checkPatternSparsity} from '../weights/pattern';
import {WEIGHT_PRUNING_OPTIONS, WeightPruning, type WeightPruningArgs} from './weight_pruning';

/** Arguments of `ConstantSparsity`. */
export interface ConstantSparsityArgs extends OpenEndedArgs, WeightPruningArgs {
  /** Sparsity from `beginStep` on, in [0, 1). */
  targetSparsity: number;
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
  /** The class's name, which outlives minifiers. */
  static readonly className = 'ConstantSparsity';
  private readonly target: Pick<ConstantSparsityArgs, 'targetSparsity' | 'beginStep'>;

  constructor(args: ConstantSparsityArgs) {
    checkOptions('ConstantSparsity', args, [...OPTIONS, ...WEIGHT_PRUNING_OPTIONS]);
    const {targetSparsity, beginStep} = args;
    checkSparsity('targetSparsity', targetSparsity);
    super(resolveOpenEnded(args), args);
    this.target = {targetSparsity, beginStep};
    checkPatternSparsity(args.structure, targetSparsity);
  }

  protected override schedule(finalSparsity = this.target.targetSparsity): SparsitySchedule {
    return constantSparsity(finalSparsity, this.target.beginStep);
  }
}

const OPTIONS = ['targetSparsity', ...OPEN_ENDED_OPTIONS] as const;
