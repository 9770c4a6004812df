import {check, checkChoice, checkInteger, checkOptions} from '../base/check';
import {checkImportance, checkImportanceData, type Importance} from '../channels/importance';
import type {EvaluationMetric} from '../data/evaluation';
import {checkSamples, type Samples} from '../data/samples';
import {
  checkNormalization,
  type NormalizationArgs,
  type NormalizationMode,
} from '../model/follow_normalization';
import type {LayerFilter, LayerName} from '../model/layer_selection';
import type {ScheduleUnit} from '../schedule/position';
import type {UpdateSteps} from '../schedule/updates';
import type {LayerScoring} from './layer_importance';
import {checkUnitSelection} from './select_layers';

/** Arguments of `LayerPruner`: how many layers, or how much may be lost, or both. */
export interface LayerPrunerArgs extends NormalizationArgs {
  /**
   * Number of layers to remove, at least 1; a branch counts as one. Default: as many as
   * `maxDrop` allows.
   */
  count?: number;
  /**
   * How much worse the model may be on `validation` than at the start of training, at
   * least 0. A layer that costs more is restored. 0.01 is one percentage point of
   * accuracy. Default: no limit.
   */
  maxDrop?: number;
  /** Data for `maxDrop`: `{x, y, batchSize}`, or a finite dataset of `{xs, ys}`. */
  validation?: Samples;
  /**
   * The metric of `maxDrop`: `'accuracy'`, `'loss'`, or a function of the model for which
   * higher is better. Default: the accuracy if the model is compiled with it, or the
   * loss.
   */
  metric?: EvaluationMetric;
  /** Step or epoch at which the first layer is removed, at least 0. Default: 0. */
  beginStep?: number;
  /** Steps or epochs between two removals, at least 1. Default: 100 steps, 1 epoch. */
  frequency?: number;
  /** What `beginStep` and `frequency` count. Default: `'step'`. */
  unit?: ScheduleUnit;
  /**
   * Which layers: a predicate that holds for all layers that are removed together, or
   * names. A branch has the name of its addition, or those of all its layers. Default:
   * all that can be removed.
   */
  layers?: LayerFilter;
  /** Names of layers to keep, together with all layers coupled to them. Default: none. */
  ignore?: readonly LayerName[];
  /**
   * The score of a layer or branch; the lowest is removed first:
   * - `'lossChange'`: the loss without it minus the loss with it;
   * - `'gradientChange'`: ‖∇L without it − ∇L with it‖₂, over the remaining weights;
   * - `'taylor'`: (Σ g·Δ)², averaged over batches, where Δ is the change of its output
   *   without it: a first-order estimate of the squared change of the loss;
   * - `'meanActivation'`, `'maxActivation'`: the mean or the largest |Δ|, which is |f(x)|
   *   for a branch and |f(x) − x| for a layer;
   * - `'l2'`, `'l1'`, `'gamma'` or a function: the mean score of its channels;
   * - `'fpgm'`: the mean distance between the weights of two channels;
   * - `'random'`: random, from `seed`.
   *
   * Default: `'lossChange'` if there is `calibration`, or `'l2'`.
   */
  importance?: Exclude<Importance, 'groupL2'>;
  /**
   * Data for the first five importances: `{x, y, batchSize}`, where activations need no
   * `y`, or a dataset of `{xs, ys}`. A few hundred samples are enough. Read at each
   * update.
   */
  calibration?: Samples;
  /** Seed of `importance: 'random'`, an integer of at least 0. Default: 1. */
  seed?: number;
}

/** `LayerPrunerArgs` with their defaults. */
export interface LayerPruning {
  /** Infinity for as many as can go. */
  readonly count: number;
  readonly maxDrop: number | undefined;
  readonly validation: Samples | undefined;
  readonly metric: EvaluationMetric | undefined;
  readonly updates: UpdateSteps;
  readonly unit: ScheduleUnit;
  readonly layers: LayerFilter | undefined;
  readonly ignore: readonly LayerName[];
  readonly scoring: LayerScoring;
  readonly normalization: NormalizationMode;
}

const OPTIONS = [
  'count',
  'maxDrop',
  'validation',
  'metric',
  'beginStep',
  'frequency',
  'unit',
  'layers',
  'ignore',
  'importance',
  'calibration',
  'seed',
  'normalization',
] as const;

/** `args` with their defaults. Throws where one is not as it should be. */
export function resolveLayerPruning(args: LayerPrunerArgs): LayerPruning {
  checkOptions('LayerPruner', args, OPTIONS);
  const {count, maxDrop, validation, metric, unit = 'step', beginStep = 0} = args;
  const {layers, ignore = [], normalization = 'follow'} = args;
  checkLimits(args);
  checkChoice('unit', unit, ['step', 'epoch']);
  const {frequency = unit === 'epoch' ? 1 : 100} = args;
  checkInteger('beginStep', beginStep, 0);
  checkInteger('frequency', frequency, 1);
  checkUnitSelection(layers, ignore);
  checkNormalization(normalization);
  return {
    count: count ?? Infinity,
    maxDrop,
    validation,
    metric,
    updates: {beginStep, endStep: Infinity, frequency},
    unit,
    layers,
    ignore,
    scoring: resolveScoring(args),
    normalization,
  };
}

function checkLimits({count, maxDrop, validation, metric}: LayerPrunerArgs): void {
  const isLimited = count !== undefined || maxDrop !== undefined;
  check(isLimited, 'LayerPruner', 'count or maxDrop', 'neither');
  if (count !== undefined) {
    checkInteger('count', count, 1);
  }
  if (maxDrop === undefined) {
    check(validation === undefined, 'validation', 'none without maxDrop', validation);
    check(metric === undefined, 'metric', 'none without maxDrop', metric);
    return;
  }
  const isDrop = Number.isFinite(maxDrop) && maxDrop >= 0;
  check(isDrop, 'maxDrop', 'a finite number of at least 0', maxDrop);
  const expected = 'data {x, y} or a dataset, to measure maxDrop on';
  check(validation !== undefined, 'validation', expected, validation);
  checkSamples('validation', validation);
  if (typeof metric !== 'function' && metric !== undefined) {
    checkChoice('metric', metric, ['accuracy', 'loss']);
  }
}

function resolveScoring(args: LayerPrunerArgs): LayerScoring {
  const {calibration, importance = calibration ? 'lossChange' : 'l2'} = args;
  const {seed = 1} = args;
  checkImportance(importance);
  const isOfLayers = (importance as Importance) !== 'groupL2';
  check(isOfLayers, 'importance', "one of a layer's own weights or of data", importance);
  checkImportanceData(importance, calibration);
  checkInteger('seed', seed, 0);
  return {importance, calibration, seed};
}
