import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check, checkChoice, checkInteger, checkOptions, checkSparsity} from '../base/check';
import {type Step, type Verbose, withProgressLine} from '../base/progress_line';
import {checkStoppable, tell, type Stoppable} from '../base/stoppable';
import {
  checkScoring,
  GRANULARITIES,
  prunableLayers,
  type Granularity,
} from '../callbacks/granularity';
import type {Importance} from '../channels/importance';
import {defaultMetric, Evaluation, type EvaluationMetric} from '../data/evaluation';
import {checkSamples, type Samples} from '../data/samples';
import {checkModel} from '../model/check_model';
import {checkNormalization, type NormalizationMode} from '../model/follow_normalization';
import {checkLayerFilter, type LayerFilter} from '../model/layer_selection';
import {scoresOverSteps} from '../weights/criteria';
import type {Criterion} from '../weights/criterion';
import {checkExecutor, type Crew, type Executor} from './executor';
import {crewHere} from './here';
import {describeGround} from './material';
import {scan} from './scan';
import type {SensitivityResult} from './sensitivity_result';
import {Workplace} from './workplace';

/** The progress of `sensitivity`. */
export interface SensitivityProgress {
  /** Path of the layer that was measured last. */
  layer: string;
  /** The sparsity of this measurement. */
  sparsity: number;
  /** The metric at this sparsity; NaN if the measurement failed. */
  metric: number;
  /** Why the measurement failed on all workers of an `executor`. */
  failed?: string;
  /** Number of measurements that are done. */
  done: number;
  /** Number of all measurements. */
  total: number;
  /** Estimated seconds for the rest. */
  secondsLeft: number;
}

/** Arguments of `sensitivity`. */
export interface SensitivityArgs extends Stoppable<SensitivityProgress>, Verbose {
  /** Sparsities to try for each layer, in [0, 1). Default: `[0.5, 0.7, 0.8, 0.9, 0.95, 0.99]`. */
  sparsities?: readonly number[];
  /**
   * The metric: `'accuracy'` or `'loss'`, as the model is compiled, or a function of the
   * model for which higher is better. Default: the accuracy if the model is compiled with
   * it, or the loss.
   */
  metric?: EvaluationMetric;
  /** What to prune: single weights, filters of convolutions, or units. Default: `'weight'`. */
  granularity?: Granularity;
  /** The score of weights; none that needs gradients. Default: `'magnitude'`. */
  criterion?: Criterion;
  /** The score of channels or units; `'taylor'` needs `calibration`. Default: `'l2'`. */
  importance?: Importance;
  /** Data for an importance that needs some. */
  calibration?: Samples;
  /** Which layers: a predicate or names. Default: all that can be pruned. */
  layers?: LayerFilter;
  /** Seed of `'random'`, an integer of at least 0. Default: 1. */
  seed?: number;
  /**
   * `'follow'`: after each pruning, batch normalizations that are not frozen are measured
   * again on up to 1,024 of the samples. `'keep'`: they keep their statistics. Default:
   * `'follow'`.
   */
  normalization?: NormalizationMode;
  /**
   * Where the measurements run, such as `workers(…)`; the result is the same. Default: in
   * this process.
   */
  executor?: Executor;
}

/**
 * Measures how much each layer tolerates: it prunes one layer at a time, without
 * training, and measures the model (Li et al. 2017, https://arxiv.org/abs/1608.08710,
 * section 3.2). Afterward the model is exactly as before, also after an error or a stop.
 * If a measurement fails on all workers of an `executor`, it is marked as failed, and the
 * others continue.
 *
 * @param data Validation samples: `{x, y, batchSize}`, or a finite dataset.
 * @throws PruningError for an argument out of its range, an unknown option or
 *   layer, a model that is not compiled, and data that it does not take.
 * @throws The reason of `signal`, or an `AbortError` if `onProgress` returns `false`.
 * @example
 * const result = await sensitivity(model, {x, y}, {sparsities: [0.5, 0.9]});
 * result.layers[0]; //=> {name: 'conv2d_1', size: 500, points: [{sparsity: 0.5, metric: 0.98}, …]}
 * document.body.innerHTML = sensitivitySvg(result);
 */
export async function sensitivity(
  model: LayersModel,
  data: Samples,
  args: SensitivityArgs = {},
): Promise<SensitivityResult> {
  const describe = ({done, total, layer, sparsity, metric}: SensitivityProgress): Step => ({
    done,
    total,
    note: `${layer} at ${sparsity}: ${metric.toFixed(4)}`,
  });
  return withProgressLine('sensitivity', args, describe, (shown) => measure(model, data, shown));
}

async function measure(
  model: LayersModel,
  data: Samples,
  args: SensitivityArgs,
): Promise<SensitivityResult> {
  checkModel(model);
  checkSamples('data', data);
  checkOptions('sensitivity', args, OPTIONS);
  const {sparsities = SPARSITIES, metric = defaultMetric(model), granularity = 'weight'} = args;
  const {criterion, importance, calibration, layers: selection, seed = 1, executor} = args;
  const {normalization = 'follow'} = args;
  checkSparsities(sparsities);
  checkChoice('granularity', granularity, GRANULARITIES);
  checkScoring(granularity, {criterion, importance, calibration});
  checkInteger('seed', seed, 0);
  checkNormalization(normalization);
  checkStoppable(args);
  if (selection !== undefined) {
    checkLayerFilter(selection);
  }
  const isOfSteps = criterion !== undefined && scoresOverSteps(criterion) !== undefined;
  check(!isOfSteps, 'criterion', 'one that needs no gradients', criterion);
  const needsData = importance === 'taylor' && calibration === undefined;
  check(!needsData, 'calibration', `data {x, y} or a dataset for 'taylor'`, calibration);
  checkExecutor(executor);
  const isOwn = [criterion, importance].some((each) => typeof each === 'function');
  check(
    !isOwn || !executor,
    'executor',
    'none for a criterion or importance of your own',
    executor,
  );
  const evaluation = new Evaluation(model, data, metric);
  const found = prunableLayers(model, granularity, selection);
  const scoring = Object.fromEntries(
    Object.entries({criterion, importance, seed}).filter(([, value]) => value !== undefined),
  );
  const material = {model, validation: data, metric, ...(calibration ? {calibration} : {})};
  const settings = executor && (await describeGround(material));

  const workplace = new Workplace(material);
  let crew: Crew | null = null;
  try {
    crew = executor ? await executor.open({model, settings: settings!}) : crewHere(workplace);
    const baseline = await evaluation.baseline();
    const start = Date.now();
    const layers = await scan(crew, {
      granularity,
      scoring,
      normalization,
      layers: found,
      sparsities,
      onStep: async ({done, total, ...step}) => {
        const secondsLeft = ((Date.now() - start) / 1000 / done) * (total - done);
        await tell(args, {...step, done, total, secondsLeft});
      },
    });
    const points = layers.flatMap((layer) => layer.points);
    const hasFailed = points.every(({failed}) => failed !== undefined);
    check(!hasFailed, 'executor', 'workers that survive a measurement', points[0].failed);
    return {granularity, metric: evaluation.name, baseline, layers};
  } finally {
    await crew?.close();
    workplace.restore();
    workplace.dispose();
  }
}

const SPARSITIES = [0.5, 0.7, 0.8, 0.9, 0.95, 0.99];

const OPTIONS = [
  'sparsities',
  'metric',
  'granularity',
  'criterion',
  'importance',
  'calibration',
  'layers',
  'seed',
  'normalization',
  'executor',
  'onProgress',
  'signal',
  'verbose',
] as const;

function checkSparsities(sparsities: unknown): asserts sparsities is readonly number[] {
  check(
    Array.isArray(sparsities) && sparsities.length > 0,
    'sparsities',
    'a list of numbers in [0, 1)',
    sparsities,
  );
  sparsities.forEach((sparsity, i) => checkSparsity(`sparsities[${i}]`, sparsity));
}
