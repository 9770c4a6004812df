import type {Tensor} from '@tensorflow/tfjs-core';
import {dispose, gather, tensor1d} from '@tensorflow/tfjs-core';

import {check, checkInteger, checkOptions} from '../base/check';
import type {TrainingDataset} from './dataset';
import {checkTensors} from './evaluation';

/** Samples to train with: tensors, shuffled from a seed, or datasets. */
export type TrainingData = (
  | {
      /** Inputs, as `fit` takes them. */
      x: Tensor | Tensor[];
      /** Targets, as `fit` takes them. */
      y: Tensor | Tensor[];
      /** Samples in a step, at least 1. Default: 32. */
      batchSize?: number;
    }
  | {
      /** Makes the dataset anew for each training, so that each sees the same. */
      dataset: () => TrainingDataset;
    }
) & {
  /** Epochs of the longest training, at least 1. A short trial takes a third of them. */
  epochs: number;
};

/** Throws unless `train` is of the right form. */
export function checkTrainingData(train: unknown): asserts train is TrainingData {
  checkOptions('train', train, ['x', 'y', 'batchSize', 'dataset', 'epochs']);
  const {x, y, batchSize = 32, dataset, epochs} = train as Record<string, unknown>;
  checkInteger('train.epochs', epochs, 1);
  if (dataset !== undefined) {
    check(typeof dataset === 'function', 'train.dataset', 'a function to a dataset', dataset);
    check(x === undefined && y === undefined, 'train', '{x, y} or a dataset', 'both');
    return;
  }
  checkTensors('train.x', x);
  checkTensors('train.y', y);
  checkInteger('train.batchSize', batchSize, 1);
}

/** Makes the dataset of one training. */
export function datasetOf(train: TrainingData, seed: number): TrainingDataset {
  if ('dataset' in train) {
    return train.dataset();
  }
  const {x, y, batchSize = 32} = train;
  const samples = [x].flat()[0].shape[0];
  const next = random(seed);
  const iterator = async () => batches([x, y], shuffled(samples, next), batchSize);
  return {size: Math.ceil(samples / batchSize), iterator} as unknown as TrainingDataset;
}

/** Steps of an epoch; counts them where the dataset does not know. */
export async function countSteps(train: TrainingData): Promise<number> {
  const dataset = datasetOf(train, 1);
  check(dataset.size !== Infinity, 'train.dataset', 'finite datasets', 'an endless one');
  if (Number.isFinite(dataset.size) && dataset.size !== null) {
    check(dataset.size > 0, 'train.dataset', 'at least one batch', 'an empty dataset');
    return dataset.size;
  }
  const iterator = await dataset.iterator();
  let steps = 0;
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    dispose(next.value as Tensor[]);
    ++steps;
  }
  check(steps > 0, 'train.dataset', 'at least one batch', 'an empty dataset');
  return steps;
}

async function* batches(
  [x, y]: Array<Tensor | Tensor[]>,
  order: Int32Array,
  batchSize: number,
): AsyncGenerator<{xs: Tensor | Tensor[]; ys: Tensor | Tensor[]}, void> {
  for (let i = 0; i < order.length; i += batchSize) {
    const numbers = tensor1d(order.subarray(i, i + batchSize), 'int32');
    const part = (data: Tensor | Tensor[]) =>
      Array.isArray(data) ? data.map((each) => gather(each, numbers)) : gather(data, numbers);
    const batch = {xs: part(x), ys: part(y)};
    numbers.dispose();
    yield batch;
  }
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

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
