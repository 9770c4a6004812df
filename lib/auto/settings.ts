import type {LayersModel} from '@tensorflow/tfjs-layers';

import {Hash} from '../base/hash';
import type {PrunableLayer} from '../callbacks/granularity';
import {digestOf} from '../data/digest';
import {defaultMetric} from '../data/evaluation';
import {isDataset} from '../data/samples';
import {samplesOf} from '../data/training_data';
import {trainedModel} from '../model/trained_model';
import type {AutoPruneArgs} from './args';

/** What the trials in a journal rest on beside the model; each part is plain JSON. */
export type Settings = Readonly<Record<string, unknown>>;

/**
 * The settings of a search. Of what plain JSON can't hold, such as functions and
 * samples, they have enough to tell them from others: digests of a function's
 * text, and of all values of tensors and of the validation dataset. A training dataset, which may
 * change at random each time, is known by its number of batches only.
 *
 * @param args Its budget is no part: more of it may be spent later.
 */
export async function settingsOf(
  model: LayersModel,
  args: AutoPruneArgs,
  layers: readonly PrunableLayer[],
  stepsPerEpoch: number,
): Promise<Settings> {
  const {train, validation, maxDrop, sparsity, size} = args;
  const {granularity = 'weight', metric = defaultMetric(model), seed = 1} = args;
  const {optimizer, loss, metrics} = trainedModel(model);
  const samples = samplesOf(train);
  const settings = {
    goal: {maxDrop, sparsity, size},
    granularity,
    layers: layers.map(({name}) => name),
    metric: metric === 'accuracy' ? {accuracy: metrics} : metric,
    validation: await digestOf(validation),
    train: {
      samples: isDataset(samples) ? 'a dataset' : await digestOf(samples),
      stepsPerEpoch,
      batchSize: isDataset(samples) ? undefined : samples.batchSize,
      epochs: train.epochs,
    },
    loss,
    optimizer: optimizer && {name: optimizer.getClassName(), ...optimizer.getConfig()},
    seed,
  };
  const text = JSON.stringify(settings, (_, value: unknown) =>
    typeof value === 'function' ? describe(value) : value,
  );
  return JSON.parse(text) as Settings;
}

/** The name of a function, and a digest of its text. */
function describe(given: object & {name?: string}): string {
  const hash = new Hash();
  hash.text(String(given));
  return `${given.name || 'function'} ${hash.digest()}`;
}
