import {check, checkOptions, checkSparsity} from '../base/check';
import {checkNoSparsities} from '../model/layer_selection';
import {OPEN_ENDED_OPTIONS, resolveOpenEnded, type OpenEndedArgs} from '../schedule/open_ended';
import {constantSparsity, type SparsitySchedule} from '../schedule/schedule';
import type {Threshold} from '../weights/threshold';
import {WEIGHT_PRUNING_OPTIONS, WeightPruning, type WeightPruningArgs} from './weight_pruning';

/** Arguments of `ThresholdPruning`. */
export interface ThresholdPruningArgs
  extends
    Omit<OpenEndedArgs, 'beginStep'>,
    Omit<WeightPruningArgs, 'scope' | 'minKeep' | 'structure' | 'ofRemaining'> {
  /**
   * Weights whose score is below go: a score; `{std}`, so many standard
   * deviations of the layer's weights that are left; or `{quantile}`, the share
   * of each layer's weights, in [0, 1).
   */
  threshold:
    | number
    | {
        /** Standard deviations, above 0. */
        std: number;
      }
    | {
        /** A share of the layer's weights, in [0, 1). */
        quantile: number;
      };
  /** Step of the first pruning, at least 0. Default: 0. */
  beginStep?: number;
}

/**
 * Prunes what is below a threshold; the sparsity follows, and is in `logs` and
 * `sparsityReport`. A fixed threshold, or one for each layer from the spread of
 * its weights (Han et al. 2015, https://arxiv.org/abs/1506.02626). At least one
 * weight of each layer is kept, and what is pruned stays so: with `{std}` each
 * update takes the spread of what is left, so that repeated updates prune on.
 *
 * `sparsityAt` gives the least sparsity that is known beforehand: the quantile,
 * else 0.
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
  private readonly quantile: number;
  private readonly beginStep: number;

  constructor(args: ThresholdPruningArgs) {
    checkOptions('ThresholdPruning', args, OPTIONS);
    const {threshold, beginStep = 0} = args;
    checkThreshold(threshold);
    checkNoSparsities(args.layers);
    const isQuantile = typeof threshold === 'object' && 'quantile' in threshold;
    super(
      resolveOpenEnded({...args, beginStep}),
      args,
      isQuantile ? {} : {threshold: threshold as Threshold},
    );
    this.quantile = isQuantile ? threshold.quantile : 0;
    this.beginStep = beginStep;
  }

  protected override schedule(finalSparsity = this.quantile): SparsitySchedule {
    return constantSparsity(finalSparsity, this.beginStep);
  }
}

function checkThreshold(threshold: unknown): void {
  const expected = 'a number of at least 0, {std: number} or {quantile: number}';
  if (typeof threshold === 'number') {
    check(threshold >= 0 && Number.isFinite(threshold), 'threshold', expected, threshold);
    return;
  }
  check(typeof threshold === 'object' && threshold !== null, 'threshold', expected, threshold);
  const {std, quantile} = threshold as {std?: unknown; quantile?: unknown};
  check(Object.keys(threshold).length === 1, 'threshold', expected, threshold);
  if (quantile !== undefined) {
    checkSparsity('threshold.quantile', quantile);
  } else {
    const isRight = typeof std === 'number' && std >= 0 && Number.isFinite(std);
    check(isRight, 'threshold.std', 'a number of at least 0', std);
  }
}

const OPTIONS = [
  'threshold',
  ...OPEN_ENDED_OPTIONS,
  ...WEIGHT_PRUNING_OPTIONS.filter(
    (option) => !['scope', 'minKeep', 'structure', 'ofRemaining'].includes(option),
  ),
];
