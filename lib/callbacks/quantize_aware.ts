import {check, checkInteger, checkOptions} from '../base/check';
import {checkNormalization, type NormalizationArgs} from '../model/follow_normalization';
import {checkLayerFilter, type LayerFilter} from '../model/layer_selection';
import type {LayerWeight} from '../model/layer_walk';
import {readWeight} from '../model/read_weight';
import {DenseCopy} from '../projection/dense_copy';
import {GridRounding, type Grid} from '../projection/rounding/grid_rounding';
import type {Rounding} from '../projection/rounding/rounding';
import type {ScheduleUnit} from '../schedule/position';
import {checkUnit} from '../schedule/timing';
import {WeightRounding} from './base/weight_rounding';

/** Arguments of `QuantizeAware`. */
export interface QuantizeAwareArgs extends NormalizationArgs {
  /**
   * The type in which the weights will be saved: `'uint8'` or `'uint16'`, or a number of
   * bits from 2 to 16. Default: `'uint8'`.
   */
  dtype?: 'uint8' | 'uint16' | number;
  /**
   * Whether each output channel (the last axis) has its own range. Files of tfjs have one
   * range per weight. Default: `false`.
   */
  perChannel?: boolean;
  /** Which layers: a predicate over layers or a list of names. Default: as for pruning. */
  layers?: LayerFilter;
  /** First step or epoch in which weights are rounded, at least 0. Default: 0. */
  beginStep?: number;
  /** What `beginStep` counts. Default: `'step'`. */
  unit?: ScheduleUnit;
}

/**
 * Rounds weights while the model trains: quantization-aware training (Jacob et al. 2018,
 * https://arxiv.org/abs/1712.05877). The optimizer updates a dense copy, so training
 * makes up for the rounding. After each step
 *
 *     θ ← θ + Δ
 *     weight = scale·round(θ/scale),  scale = (max(θ, 0) − min(θ, 0))/(2^bits − 1)
 *
 * where Δ is the update of the optimizer. Zero is on the grid, so pruned weights stay
 * exactly zero, in whatever order you list the callbacks. The model always has the
 * rounded weights, and a tfjs file with the same `quantization` stores them exactly.
 * Biases are not rounded.
 *
 * `stripPruning` frees the dense copies.
 *
 * @throws PruningError for an argument out of its range, an unknown option or
 *   layer, a model that is not compiled, and a NaN in the weights.
 * @example
 * await model.fit(x, y, {epochs: 2, callbacks: [pruner, new QuantizeAware({dtype: 'uint8'})]});
 * stripPruning(model);
 */
export class QuantizeAware extends WeightRounding {
  /** The class's name, which outlives minifiers. */
  static readonly className = 'QuantizeAware';
  private readonly grid: Grid;

  constructor(args: QuantizeAwareArgs = {}) {
    checkOptions('QuantizeAware', args, OPTIONS);
    const {dtype = 'uint8', perChannel = false, layers, beginStep = 0, unit = 'step'} = args;
    const {normalization = 'follow'} = args;
    const bits = BITS[dtype] ?? dtype;
    const expected = "'uint8', 'uint16' or a number of bits from 2 to 16";
    check(Number.isInteger(bits) && bits >= 2 && bits <= 16, 'dtype', expected, dtype);
    check(typeof perChannel === 'boolean', 'perChannel', 'true or false', perChannel);
    if (layers !== undefined) {
      checkLayerFilter(layers);
    }
    checkInteger('beginStep', beginStep, 0);
    checkUnit(unit);
    checkNormalization(normalization);
    super({layers, beginStep, unit, normalization});
    this.grid = {levels: 2 ** bits - 1, perChannel};
  }

  protected override makeRounding({variable}: LayerWeight): Rounding {
    return new GridRounding(this, this.grid, DenseCopy.of(readWeight(variable)));
  }
}

const OPTIONS = ['dtype', 'perChannel', 'layers', 'beginStep', 'unit', 'normalization'] as const;

const BITS: Readonly<Record<string, number>> = {uint8: 8, uint16: 16};
