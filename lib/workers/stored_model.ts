import {serialization, type Optimizer} from '@tensorflow/tfjs-core';
import {type LayersModel, loadLayersModel, models} from '@tensorflow/tfjs-layers';

import type {Settings} from '../auto/material';
import {trainedWeights, writeTrainedWeights} from '../auto/trained_weights';
import {check} from '../base/check';
import {PruningError} from '../base/errors';
import {compressed} from '../files/io';
import {variablesWith} from '../projection/registry';

/** A model for another process: no code, only names and numbers, or the path of its file. */
export type StoredModel =
  {topology: Record<string, unknown>; weights: Uint8Array} | {path: string} | null;

/**
 * The model with its weights and masks.
 *
 * @throws PruningError where something holds its weights to a grid, which only this process knows.
 */
export async function storeModel(model: LayersModel): Promise<StoredModel> {
  const isRounded = variablesWith(model, 'rounding').length > 0;
  check(!isRounded, 'executor', 'none for a model with rounding', `'${model.name}'`);
  const topology = model.toJSON(undefined, false) as unknown as Record<string, unknown>;
  return {topology, weights: await trainedWeights(model)};
}

/**
 * The model that was stored, compiled as `settings` have it.
 *
 * @throws PruningError where there is none, and for layers, optimizers and losses that are not
 *   known here.
 */
export async function restoreModel(stored: StoredModel, settings: Settings): Promise<LayersModel> {
  check(stored !== null, 'model', 'a path, or a data module that exports it', 'neither');
  const model = await build(stored);
  const {loss, metric} = settings as {loss: unknown; metric: {accuracy?: unknown}};
  try {
    const optimizer = makeOptimizer(settings.optimizer as Record<string, never>);
    model.compile({optimizer, loss, metrics: metric?.accuracy ?? []} as never);
  } catch (cause) {
    const expected = 'a model compiled by names, or a data module that exports it';
    throw new PruningError('model', expected, (cause as Error).message, {cause});
  }
  return model;
}

async function build(stored: Exclude<StoredModel, null>): Promise<LayersModel> {
  if ('path' in stored) {
    return loadLayersModel(compressed(stored.path));
  }
  const model = await models.modelFromJSON({modelTopology: stored.topology} as never);
  writeTrainedWeights(model, stored.weights);
  return model;
}

function makeOptimizer({name, ...config}: Record<string, never>): Optimizer {
  const entry = serialization.SerializationMap.getMap().classNameMap[name];
  check(entry !== undefined, 'optimizer', 'one that tfjs or the data module registers', name);
  const [type, fromConfig] = entry;
  return fromConfig(type, config) as Optimizer;
}
