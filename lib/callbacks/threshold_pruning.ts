import {check, checkOptions} from '../base/check';
import {leaveNextToNothing} from '../base/count_zeros';
import {listed} from '../base/listed';
import {checkNoSparsities} from '../model/layer_selection';
import {constantSparsity} from '../schedule/constant';
import {OPEN_ENDED_OPTIONS, resolveOpenEnded, type OpenEndedArgs} from '../schedule/open_ended';
import {belowThreshold} from '../weights/below_threshold';
import {WEIGHT_PRUNING_OPTIONS, WeightPruning, type WeightPruningArgs} from './base/weight_pruning';

const UNUSED: readonly string[] = ['scope', 'minKeep', 'structure', 'ofRemaining'];

/** Arguments of `ThresholdPruning`. */
export interface ThresholdPruningArgs
  extends
    OpenEndedArgs,
    Omit<WeightPruningArgs, 'scope' | 'minKeep' | 'structure' | 'ofRemaining'> {
  /**
   * Weights whose score is below this are pruned. A number is a score, and `{std}` is a
   * number of standard deviations of the layer's remaining weights.
   */
  threshold:
    | number
    | {
        /** Standard deviations, at least 0. */
        std: number;
      };
}

/**
 * Prunes weights below a threshold. `logs.sparsity` and `sparsityReport` have the
 * resulting sparsity. The threshold is fixed, or depends on the spread of each layer's
 * weights (Han et al. 2015, https://arxiv.org/abs/1506.02626). At least one weight of
 * each layer is kept, and pruned weights stay pruned. With `{std}`, each update measures
 * the spread of the remaining weights, so repeated updates prune further.
 *
 * `sparsityAt` returns 0, because the sparsity is not known in advance. To prune a share
 * of each layer, use `ConstantSparsity`.
 *
 * @throws PruningError for an argument out of its range, an unknown option or
 *   layer, a model that is not compiled, and a NaN in the weights.
 * @example
 * const pruner = new ThresholdPruning({threshold: {std: 0.7}, endStep: 400});
 * await model.fit(x, y, {epochs: 2, callbacks: [pruner]});
 * stripPruning(model);
 */
export class ThresholdPruning extends WeightPruning {
  /** The class's name, which outlives minifiers. */
  static readonly className = 'ThresholdPruning';
  /** Whether it was said that too little is left. */
  private isHighTold = false;

  constructor(args: ThresholdPruningArgs) {
    const usual = WEIGHT_PRUNING_OPTIONS.filter((option) => !UNUSED.includes(option));
    checkOptions('ThresholdPruning', args, ['threshold', ...OPEN_ENDED_OPTIONS, ...usual]);
    const {threshold} = args;
    checkThreshold(threshold);
    checkNoSparsities(args.layers);
    const {beginStep, endStep, frequency} = resolveOpenEnded(args);
    const end = endStep === Infinity ? -1 : endStep;
    const schedule = constantSparsity({sparsity: 0, beginStep, endStep: end, frequency});
    super(schedule, args, belowThreshold(threshold));
  }

  protected override async finish(position: number): Promise<void> {
    await super.finish(position);
    const names = this.updater.groups.flatMap(({count, size, weights: [{name}]}) =>
      leaveNextToNothing(count, size) ? [name] : [],
    );
    if (names.length > 0 && !this.isHighTold) {
      this.isHighTold = true;
      console.warn(
        `ThresholdPruning: next to nothing is left of ${listed(names)}. Lower the threshold.`,
      );
    }
  }
}

function checkThreshold(threshold: unknown): void {
  const expected = 'a number of at least 0, or {std: number}';
  if (typeof threshold === 'number') {
    check(threshold >= 0 && Number.isFinite(threshold), 'threshold', expected, threshold);
    return;
  }
  check(typeof threshold === 'object' && threshold !== null, 'threshold', expected, threshold);
  const isRest = 'quantile' in threshold;
  check(!isRest, 'threshold', `${expected}; for a share of weights ConstantSparsity`, threshold);
  check(Object.keys(threshold).length === 1, 'threshold', expected, threshold);
  const {std} = threshold as {std?: unknown};
  const isRight = typeof std === 'number' && std >= 0 && Number.isFinite(std);
  check(isRight, 'threshold.std', 'a number of at least 0', std);
}
