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
  /** How many to remove, at least 1; a branch counts as one. Default: as many as `maxDrop` allows. */
  count?: number;
  /**
   * How much worse than when training began the model may be on `validation`
   * without a layer, at least 0; a layer that costs more is put back. 0.01 is one
   * percent of accuracy. Default: no limit.
   */
  maxDrop?: number;
  /** Data for `maxDrop`: `{x, y, batchSize}`, or a finite dataset of `{xs, ys}`. */
  validation?: Samples;
  /**
   * What `maxDrop` is a drop of: `'accuracy'`, `'loss'`, or a function of the
   * model of which more is better. Default: the accuracy if the model is compiled
   * with it, or the loss.
   */
  metric?: EvaluationMetric;
  /** Step or epoch before which the first layer is removed, at least 0. Default: 0. */
  beginStep?: number;
  /** Steps or epochs of training between two layers, at least 1. Default: 100 steps, 1 epoch. */
  frequency?: number;
  /** What `beginStep` and `frequency` count. Default: `'step'`. */
  unit?: ScheduleUnit;
  /**
   * Which layers: a predicate that holds for all layers that go together, or
   * names; a branch is meant by the name of its addition, or by those of all its
   * layers. Default: all that can be removed.
   */
  layers?: LayerFilter;
  /** Names of layers to keep, and with them what would go together with them. Default: none. */
  ignore?: readonly LayerName[];
  /**
   * How much a layer or branch matters, the least important lowest:
   * - `'lossChange'`: the loss without it less the loss with it;
   * - `'gradientChange'`: ‖∇L without it − ∇L with it‖₂, of the weights that are left;
   * - `'taylor'`: (Σ g·Δ)², averaged over batches, where Δ is what its output
   *   changes by without it: to first order the square of what the loss does;
   * - `'meanActivation'`, `'maxActivation'`: the mean or the largest |Δ|: of a
   *   branch |f(x)|, of a layer |f(x) − x|;
   * - `'l2'`, `'l1'`, `'gamma'` or a function: the mean of what it says of the channels;
   * - `'fpgm'`: the mean distance between the weights of two channels;
   * - `'random'`: chance, from `seed`.
   *
   * Default: `'lossChange'` if there is `calibration`, or `'l2'`.
   */
  importance?: Exclude<Importance, 'groupL2'>;
  /**
   * Data for the importances that look at some, the first five: `{x, y,
   * batchSize}`, where activations need no `y`, or a dataset of `{xs, ys}`. A few
   * hundred samples will do. Read at each update.
   */
  calibration?: Samples;
  /** Integer of at least 0 that makes `importance: 'random'` repeatable. Default: 1. */
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
