import type {Tensor} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import type {Granularity} from '../callbacks/granularity';
import {countMacs, countMacsWithoutZeros} from '../report/macs';
import {sparsityReport} from '../report/report';
import {shrunkModel} from '../shrink/shrink';
import {predictionMillis} from './prediction_millis';

/** The cost of a model without its pruned parts; plain JSON. */
export interface Cost {
  /** Number of parameters that are not zero, or that the model has after `shrink`. */
  parameters: number;
  /** Multiply-accumulates of a prediction for one example, with these parameters. */
  macs: number;
  /** Milliseconds for a prediction of one example; only if they are the goal. */
  millis?: number;
}

/**
 * What `model` costs.
 *
 * @param example Inputs of one example to time a prediction with; without, none is timed.
 */
export async function costOf(
  model: LayersModel,
  granularity: Granularity,
  example?: Tensor[],
): Promise<Cost> {
  if (granularity !== 'weight') {
    const smaller = await shrunkModel(model);
    try {
      const cost = {parameters: smaller.countParams(), macs: countMacs(smaller).macs};
      return example ? {...cost, millis: await predictionMillis(smaller, example)} : cost;
    } finally {
      smaller.dispose();
    }
  }
  const parameters = await countParameters(model, granularity);
  const cost = {parameters, macs: await countMacsWithoutZeros(model)};
  return example ? {...cost, millis: await millisWithoutZeros(model, example)} : cost;
}

/** Parameters of `model` that are left: not zero among weights, or after `shrink`. */
export async function countParameters(
  model: LayersModel,
  granularity: Granularity,
): Promise<number> {
  if (granularity === 'weight') {
    return model.countParams() - (await sparsityReport(model)).zeros;
  }
  const smaller = await shrunkModel(model);
  const parameters = smaller.countParams();
  smaller.dispose();
  return parameters;
}

async function millisWithoutZeros(model: LayersModel, example: Tensor[]): Promise<number> {
  // Whoever has another goal does not load its kernels.
  const {sparsify} = await import('../wasm/sparsify');
  const sparse = await sparsify(model);
  try {
    return await predictionMillis(model, example);
  } finally {
    sparse.dispose();
  }
}
