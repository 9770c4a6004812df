import {clone, dispose, slice, Tensor, tidy} from '@tensorflow/tfjs-core';

import {check} from '../base/check';
import {isDataset, type Samples} from '../data/samples';
import type {GraphModelLike} from '../model/graph_model';
import type {GraphBatch} from './graph_site';

const BATCH_SIZE = 32;

/**
 * The batches of `calibration`, which the caller owns: for each input of the
 * model a tensor.
 *
 * @throws PruningError for data that the model does not take, or none.
 */
export async function readGraphBatches(
  model: GraphModelLike,
  calibration: Samples,
): Promise<GraphBatch[]> {
  const batches: GraphBatch[] = [];
  try {
    if (!isDataset(calibration)) {
      const {x, batchSize = BATCH_SIZE} = calibration;
      const all = inputsOf(model, x, 'calibration.x');
      const [samples] = all[0].shape;
      for (let i = 0; i < samples; i += batchSize) {
        const size = Math.min(batchSize, samples - i);
        batches.push(all.map((each) => slice(each, i, size)));
      }
    } else {
      const iterator = await calibration.iterator();
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
        const given = next.value as {xs: Tensor};
        try {
          batches.push(
            tidy(() => inputsOf(model, given.xs, 'calibration.xs').map((each) => clone(each))),
          );
        } finally {
          dispose(given);
        }
      }
    }
    check(batches.length > 0, 'calibration', 'at least one sample', 'none');
    return batches;
  } catch (error) {
    disposeGraphBatches(batches);
    throw error;
  }
}

/** Frees the batches. */
export function disposeGraphBatches(batches: readonly GraphBatch[]): void {
  batches.forEach((batch) => dispose([...batch]));
}

/** The tensors for the inputs of the model, in its order. */
function inputsOf({inputs}: GraphModelLike, data: unknown, argument: string): Tensor[] {
  const names = inputs.map(({name}) => name);
  const list =
    data instanceof Tensor
      ? [data]
      : Array.isArray(data)
        ? (data as unknown[])
        : names.map((name) => (data as Record<string, unknown> | undefined)?.[name]);
  const expected = `${names.length} tensor${names.length === 1 ? '' : 's'}, for ${names.join()}`;
  check(list.length === names.length, argument, expected, list.length);
  return list.map((tensor, i) => {
    const {shape} = inputs[i];
    const own = names.length === 1 ? argument : `${argument}[${i}]`;
    const sizes = shape?.map((size) => (size > 0 ? size : null));
    const wanted = `a tensor of shape [${sizes?.map((size) => size ?? 'any').join(', ') ?? 'any'}]`;
    check(tensor instanceof Tensor, own, wanted, tensor);
    const {shape: found} = tensor as Tensor;
    const fits =
      sizes === undefined ||
      (sizes.length === tensor.rank &&
        sizes.every((size, axis) => axis === 0 || size === null || size === found[axis]));
    check(fits && tensor.rank > 0, own, wanted, found);
    return tensor as Tensor;
  });
}
