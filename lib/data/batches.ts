import {clone, dispose, gather, slice, type Tensor, tensor1d, tidy} from '@tensorflow/tfjs-core';
import type {TensorContainerObject} from '@tensorflow/tfjs-core/dist/tensor_types';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {evenlySpread} from '../base/evenly_spread';
import {randomNumbers} from '../base/random';
import {asColumn, checkFit, inputsAndTargets} from './fit_to_model';
import {isDataset, type SampleDataset, type Samples, type SampleTensors} from './samples';

/** Samples that go through a model together. */
export interface Batch extends TensorContainerObject {
  readonly xs: Tensor[];
  /** Targets; none where no loss is asked for. */
  readonly ys: Tensor[];
  /** Number of samples. */
  readonly size: number;
}

/** How `datasetOf` cuts tensors into batches. */
export interface BatchArgs {
  /** Where the samples have none of their own. Default: 32. */
  batchSize?: number;
  /** Makes each epoch another order, the same for the same seed. Default: in their order. */
  seed?: number;
  /**
   * At most so many samples: of tensors, spread over all, as they may be sorted by class;
   * of a dataset, its first batches. Default: all.
   */
  most?: number;
}

/**
 * `samples` as a dataset, for `fitDataset` and `evaluateDataset`: a dataset as it
 * is, and tensors in batches. A vector becomes a column, as in `fit`.
 */
export function datasetOf(samples: Samples, args: BatchArgs = {}): SampleDataset {
  const {seed, most = Infinity} = args;
  if (isDataset(samples)) {
    return most === Infinity ? samples : upTo(samples, most);
  }
  const {batchSize = args.batchSize ?? 32} = samples;
  const all = sizeOf(samples);
  const size = Math.min(all, most);
  const next = seed === undefined ? null : randomNumbers(seed);
  const iterator = async () => {
    const order = next ? shuffled(all, next) : size < all ? evenlySpread(all, size) : null;
    const part = (tensor: Tensor, begin: number, count: number) =>
      order ? picked(tensor, order.subarray(begin, begin + count)) : slice(tensor, begin, count);
    return batches(samples, size, batchSize, part);
  };
  return {size: Math.ceil(size / batchSize), iterator};
}

/**
 * The batches of `samples`, which the caller owns; they fit the inputs and the
 * outputs of `model`.
 *
 * @param withTargets Whether targets are needed; without, the batches have none.
 * @param most The number of batches, at most.
 * @param argument What errors call the samples.
 * @throws PruningError for data that the model does not take, or none.
 */
export async function readBatches(
  model: LayersModel,
  samples: Samples,
  withTargets: boolean,
  most = Infinity,
  argument = 'calibration',
): Promise<Batch[]> {
  const part = withTargets ? 'targets' : 'inputs';
  const names = [`${argument}.xs`, `${argument}.ys`] as const;
  checkFit(model, samples, argument, part);
  const read: Batch[] = [];
  try {
    const iterator = await datasetOf(samples).iterator();
    while (read.length < most) {
      const {value, done} = (await iterator.next()) as IteratorResult<unknown, unknown>;
      if (done) {
        break;
      }
      const given = value as {xs: Tensor; ys: Tensor};
      try {
        const batch = tidy(() => {
          const {xs, ys} = inputsAndTargets(model, [given.xs, given.ys], names, part);
          const copy = (tensor: Tensor) => clone(asColumn(tensor));
          return {xs: xs.map(copy), ys: ys.map(copy), size: xs[0].shape[0]};
        });
        read.push(batch);
      } finally {
        dispose(given);
      }
    }
  } catch (error) {
    disposeBatches(read);
    throw error;
  }
  check(read.length > 0, argument, 'at least one sample', 'none');
  return read;
}

/** Frees the batches. */
export function disposeBatches(batches: readonly Batch[]): void {
  batches.forEach(({xs, ys}) => dispose([...xs, ...ys]));
}

/** The number of samples in memory. */
export function sizeOf({x}: SampleTensors): number {
  return [x].flat()[0].shape[0];
}

/** Samples in a batch `{xs, ys}`; 0 of anything else. */
export function samplesIn(batch: unknown): number {
  const {xs} = Object(batch) as {xs?: object};
  const [first] = xs === undefined ? [] : 'shape' in xs ? [xs] : (Object.values(xs) as Tensor[]);
  return (first as Tensor | undefined)?.shape[0] ?? 0;
}

/** `dataset` up to the batch that holds sample number `most`. */
function upTo(dataset: SampleDataset, most: number): SampleDataset {
  const iterator = async () => {
    const inner = await dataset.iterator();
    let taken = 0;
    const next = async () => {
      if (taken >= most) {
        return {value: undefined, done: true} as const;
      }
      const result = await inner.next();
      taken += samplesIn(result.value);
      return result;
    };
    return {next};
  };
  return {size: NaN, iterator};
}

async function* batches(
  {x, y}: SampleTensors,
  size: number,
  batchSize: number,
  part: (tensor: Tensor, begin: number, count: number) => Tensor,
): AsyncGenerator<object, void> {
  for (let begin = 0; begin < size; begin += batchSize) {
    const count = Math.min(batchSize, size - begin);
    const partOf = (tensor: Tensor) => tidy(() => asColumn(part(tensor, begin, count)));
    const parts = (given: Tensor | Tensor[]) =>
      Array.isArray(given) ? given.map(partOf) : partOf(given);
    yield {xs: parts(x), ...(y !== undefined && {ys: parts(y)})};
  }
}

/** A new tensor of the samples with these numbers, in their order. */
export function picked(tensor: Tensor, numbers: Int32Array): Tensor {
  return tidy(() => gather(tensor, tensor1d(numbers, 'int32')));
}

/** The numbers below `size` in a random order. */
function shuffled(size: number, next: () => number): Int32Array {
  const order = Int32Array.from({length: size}, (_, i) => i);
  for (let i = size - 1; i > 0; --i) {
    const j = Math.floor(next() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
