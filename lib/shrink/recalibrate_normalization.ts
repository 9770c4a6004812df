import {
  add,
  concat,
  dispose,
  keep,
  moments,
  mul,
  reshape,
  sum,
  type Tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import type {layers, LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {Pace} from '../base/yielding';
import {otherAxes} from '../channels/by_channel';
import {type Batch, datasetOf, disposeBatches, readBatches} from '../data/batches';
import {outputsOf} from '../data/calibration_loss';
import {checkFit} from '../data/fit_to_model';
import {checkSamples, type Samples} from '../data/samples';
import {checkModel} from '../model/check_model';
import {axisOf} from '../model/layer_settings';
import {batchNormalizations, isFrozen, movingStatistics} from '../model/normalization';
import {readWeight} from '../model/read_weight';
import {trainedModel} from '../model/trained_model';
import {watchInputs} from '../model/watch_inputs';
import {ModelState} from '../projection/model_state';

type Layer = layers.Layer;

/**
 * Measures the moving means and variances of all batch normalizations again.
 *
 * A model predicts with these statistics, and they lag 1 / (1 − momentum) steps behind,
 * 100 by default. If weights or channels were pruned at once, or in the last steps, the
 * model predicts far worse than it has learned to (Li et al. 2020,
 * https://arxiv.org/abs/2007.02491).
 *
 * The data run through the model once, without dropout. Each normalization uses the mean
 * and variance of the batch, and stores their means over all batches. Nothing else
 * changes.
 *
 * @param model Any `tf.sequential` or `tf.model`, nested ones and wrappers included.
 * @param calibration A few hundred samples like the training data: `{x, batchSize}`, whose
 *   order does not matter, or a finite dataset of `{xs}`, in batches as in training.
 * @throws PruningError for a model without batch normalization or with state between
 *   batches, and for data that it does not take or that give NaN; the model is then as
 *   before.
 * @example
 * await pruneNow(model, {sparsity: 0.9});
 * await recalibrateNormalization(model, {x, batchSize: 128});
 */
export async function recalibrateNormalization(
  model: LayersModel,
  calibration: Samples,
): Promise<void> {
  checkModel(model);
  checkSamples('calibration', calibration, 'inputs');
  const normalizations = batchNormalizations(model);
  const hasAny = normalizations.length > 0;
  check(hasAny, 'model', 'a model with batch normalization', model.name);
  const {stateful} = trainedModel(model);
  check(!stateful, 'model', 'one without state between batches', model.name);
  checkFit(model, calibration, 'calibration', 'inputs');
  const batches = await readBatches(model, datasetOf(calibration, {seed: MIXED}), false);
  const value = await measure(model, normalizations, batches);
  const isFinite = Number.isFinite(value);
  check(isFinite, 'calibration', 'data that give finite statistics', value);
}

/** Samples that are enough to measure statistics on. */
const ENOUGH = 1024;
/** The order of tensors: a batch of one class varies less than the batches of training. */
const MIXED = 1;

/**
 * Measures the statistics of the batch normalizations of `model` that train, by the
 * first of `samples`, where it has any. Where that gives a NaN, they stay as they were.
 */
export async function recalibrateTrained(model: LayersModel, samples: Samples): Promise<void> {
  const trained = batchNormalizations(model).filter((layer) => !isFrozen(layer));
  if (trained.length > 0 && !trainedModel(model).stateful) {
    const some = datasetOf(samples, {most: ENOUGH, seed: MIXED});
    await measure(model, trained, await readBatches(model, some, false));
  }
}

/**
 * Measures the statistics of `normalizations` by `batches`, and frees these.
 *
 * @returns The sum of the statistics; if it is not finite, they are as they were.
 */
async function measure(
  model: LayersModel,
  normalizations: readonly Layer[],
  batches: readonly Batch[],
): Promise<number> {
  const state = new ModelState(model);
  const seen = new Map(normalizations.map((layer) => [layer, new Statistics(layer)]));
  const pace = new Pace();
  try {
    for (const batch of batches) {
      watchInputs(
        normalizations,
        (layer, [input]) => seen.get(layer)!.see(input),
        () => dispose(outputsOf(model, batch)),
      );
      await pace.rest();
    }
    seen.forEach((statistics) => statistics.keep());
    const all = await sumOfStatistics(normalizations);
    if (!Number.isFinite(all)) {
      state.restore();
    }
    return all;
  } catch (error) {
    state.restore();
    throw error;
  } finally {
    seen.forEach((statistics) => statistics.dispose());
    state.dispose();
    disposeBatches(batches);
  }
}

/** The statistics of a normalization: of one batch at a time, and the mean of all. */
class Statistics {
  private means: Tensor[] = [];
  private samples = 0;

  constructor(private readonly layer: Layer) {}

  /** Makes those of `input` the ones that the layer goes by. */
  see(input: Tensor): void {
    const axis = axisOf(this.layer, input.rank);
    const former = this.means;
    this.samples += input.shape[0];
    const share = input.shape[0] / this.samples;
    this.means = tidy(() => {
      const {mean, variance} = moments(input, otherAxes(input, {axis}));
      this.write([mean, variance]);
      return [mean, variance].map((value, i) =>
        former.length > 0 ? add(mul(former[i], 1 - share), mul(value, share)) : value,
      );
    });
    // The call that is watched is inside a tidy.
    this.means.forEach((value) => keep(value));
    dispose(former);
  }

  /** Makes the means the ones that the layer goes by, if it was called. */
  keep(): void {
    this.write(this.means);
  }

  dispose(): void {
    dispose(this.means);
  }

  private write(values: readonly Tensor[]): void {
    const variables = movingStatistics(this.layer);
    values.forEach((value, i) => readWeight(variables[i]).assign(value));
  }
}

/** One small read. */
async function sumOfStatistics(normalizations: readonly Layer[]): Promise<number> {
  const total = tidy(() => {
    const all = normalizations.flatMap(movingStatistics).map((each) => readWeight(each));
    return sum(concat(all.map((each) => reshape(each, [-1]))));
  });
  const [value] = await total.data();
  total.dispose();
  return value;
}
