import {dispose, type Tensor} from '@tensorflow/tfjs-core';

import {check, checkInteger, checkOptions} from '../base/check';
import {datasetOf} from './batches';
import {checkTensors, isDataset, type SampleDataset, type Samples} from './samples';

/** Samples to train with: tensors, which are shuffled from a seed, or datasets. */
export type TrainingData = (
  | {
      /** Inputs, as `fit` takes them. */
      x: Tensor | Tensor[];
      /** Targets, as `fit` takes them. */
      y: Tensor | Tensor[];
      /** Samples per step, at least 1. Default: 32. */
      batchSize?: number;
    }
  | {
      /** Makes a new dataset for each training, so that each training sees the same samples. */
      dataset: () => SampleDataset;
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

/** The samples of one training. */
export function samplesOf(train: TrainingData): Samples {
  if ('dataset' in train) {
    return train.dataset();
  }
  const {x, y, batchSize} = train;
  return {x, y, batchSize};
}

/** Steps of an epoch; counts them where the dataset does not know. */
export async function countSteps(train: TrainingData): Promise<number> {
  const samples = samplesOf(train);
  const isOne = 'x' in train || isDataset(samples);
  check(isOne, 'train.dataset', 'a function to a dataset', samples);
  const dataset = datasetOf(samples);
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
