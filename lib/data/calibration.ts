import {clone, dispose, expandDims, slice, Tensor, tidy} from '@tensorflow/tfjs-core';
import type {TensorContainerObject} from '@tensorflow/tfjs-core/dist/tensor_types';
import type {LayersModel, Shape} from '@tensorflow/tfjs-layers';

import {check, checkInteger, checkOptions} from '../base/check';
import {trainedModel} from '../model/trained_model';

/** Data in memory to look at a model with. */
export interface CalibrationData {
  /** Inputs, as `fit` takes them: a tensor, or one for each input. */
  x: Tensor | Tensor[];
  /** Targets, as `fit` takes them; only where a loss is asked for. */
  y?: Tensor | Tensor[];
  /** Samples that go through the model at a time, at least 1. Default: 32. */
  batchSize?: number;
}

/** A finite dataset of batches `{xs, ys}`, as `fitDataset` takes it. */
export type CalibrationDataset = Parameters<LayersModel['fitDataset']>[0];

/** Samples to look at a model with: a few hundred, as tensors or a dataset. */
export type Calibration = CalibrationData | CalibrationDataset;

/** Samples that go through a model together. */
export interface CalibrationBatch extends TensorContainerObject {
  readonly xs: Tensor[];
  /** Targets; none where no loss is asked for. */
  readonly ys: Tensor[];
  /** Number of samples. */
  readonly size: number;
}

const BATCH_SIZE = 32;

/** Throws unless `calibration` is of the right form. Shapes are checked once the model is known. */
export function checkCalibration(
  calibration: unknown,
  withTargets: boolean,
): asserts calibration is Calibration {
  const expected = 'data {x, y} or a dataset of {xs, ys}';
  const isObject = typeof calibration === 'object' && calibration !== null;
  check(isObject, 'calibration', expected, calibration);
  if (isDataset(calibration as Calibration)) {
    const {size} = calibration as CalibrationDataset;
    check(size !== Infinity, 'calibration', 'a finite dataset: dataset.take(8)', 'an endless one');
    return;
  }
  checkOptions('calibration', calibration, ['x', 'y', 'batchSize']);
  const {x, y, batchSize = BATCH_SIZE} = calibration as Partial<CalibrationData>;
  check(isTensors(x), 'calibration.x', 'a tensor, or a list of tensors', x);
  if (withTargets || y !== undefined) {
    check(isTensors(y), 'calibration.y', 'a tensor, or a list of tensors', y);
  }
  checkInteger('calibration.batchSize', batchSize, 1);
}

/**
 * The batches of `calibration`, which the caller owns.
 *
 * @param withTargets Whether targets are needed; without, the batches have none.
 * @param most The number of batches, at most.
 * @throws PruningError for data that the model does not take, or none.
 */
export async function readBatches(
  model: LayersModel,
  calibration: Calibration,
  withTargets: boolean,
  most = Infinity,
): Promise<CalibrationBatch[]> {
  const batches: CalibrationBatch[] = [];
  try {
    if (isDataset(calibration)) {
      const iterator = await calibration.iterator();
      while (batches.length < most) {
        const {value, done} = await iterator.next();
        if (done) {
          break;
        }
        const given = value as {xs: Tensor; ys: Tensor};
        try {
          batches.push(tidy(() => fitted(model, given.xs, given.ys, ['xs', 'ys'], withTargets)));
        } finally {
          dispose(given);
        }
      }
    } else {
      const {x, y, batchSize = BATCH_SIZE} = calibration;
      const all = tidy(() => fitted(model, x, y, ['x', 'y'], withTargets));
      for (let i = 0; i < all.size && batches.length < most; i += batchSize) {
        batches.push(rows(all, i, Math.min(batchSize, all.size - i)));
      }
      disposeBatches([all]);
    }
  } catch (error) {
    disposeBatches(batches);
    throw error;
  }
  check(batches.length > 0, 'calibration', 'at least one sample', 'none');
  return batches;
}

/** Frees the batches. */
export function disposeBatches(batches: readonly CalibrationBatch[]): void {
  batches.forEach(({xs, ys}) => dispose([...xs, ...ys]));
}

function rows({xs, ys}: CalibrationBatch, begin: number, size: number): CalibrationBatch {
  const part = (tensor: Tensor) => slice(tensor, begin, size);
  return {xs: xs.map(part), ys: ys.map(part), size};
}

/** Copies of the tensors, one for each input and each output of the model. */
function fitted(
  model: LayersModel,
  x: unknown,
  y: unknown,
  names: [string, string],
  withTargets: boolean,
): CalibrationBatch {
  const {inputs, inputNames, outputNames} = trainedModel(model);
  const [xName, yName] = names.map((name) => `calibration.${name}`);
  const shapes = inputs.map(({shape}) => shape);
  const xs = tensorsOf(xName, x, inputNames, shapes);
  const ys = withTargets ? tensorsOf(yName, y, outputNames, targetShapes(model)) : [];
  const [size] = xs[0].shape;
  [...xs, ...ys].forEach(({shape: [other]}, i) => {
    const name = i < xs.length ? xName : yName;
    check(other === size, name, `as many samples as inputs, ${size}`, other);
  });
  return {xs, ys, size};
}

function tensorsOf(
  argument: string,
  data: unknown,
  names: readonly string[],
  shapes: readonly Shape[],
): Tensor[] {
  const list = listOf(data, names);
  const expected = `${shapes.length} tensor${shapes.length === 1 ? '' : 's'}, for ${names.join()}`;
  check(list.length === shapes.length, argument, expected, list.length);
  return list.map((given, i) => {
    const shape = shapes[i];
    const one = shapes.length === 1 ? argument : `${argument}[${i}]`;
    check(given instanceof Tensor, one, `a tensor of shape [${describe(shape)}]`, given);
    // As `fit` does.
    const tensor = given.rank === 1 ? expandDims(given, 1) : clone(given);
    const fits = shape.every((size, axis) => size === null || size === tensor.shape[axis]);
    check(
      fits && shape.length === tensor.rank,
      one,
      `a tensor of shape [${describe(shape)}]`,
      given.shape,
    );
    return tensor;
  });
}

function listOf(data: unknown, names: readonly string[]): unknown[] {
  if (data instanceof Tensor) {
    return [data];
  }
  return Array.isArray(data)
    ? data
    : names.map((name) => (data as Record<string, unknown> | undefined)?.[name]);
}

/** Classes given by their number take one number, not one for each class. */
function targetShapes(model: LayersModel): Shape[] {
  const {outputs, outputNames, loss} = trainedModel(model);
  return outputs.map(({shape}, i) => {
    const own =
      typeof loss === 'string' ? loss : (Reflect.get(loss, i) ?? Reflect.get(loss, outputNames[i]));
    return own === 'sparseCategoricalCrossentropy' ? [...shape.slice(0, -1), 1] : shape;
  });
}

function isTensors(data: unknown): data is Tensor | Tensor[] {
  const list: unknown[] = Array.isArray(data) ? data : [data];
  return list.length > 0 && list.every((each) => each instanceof Tensor);
}

function isDataset(calibration: Calibration): calibration is CalibrationDataset {
  return typeof Reflect.get(calibration, 'iterator') === 'function';
}

function describe(shape: Shape): string {
  return shape.map((size) => size ?? 'samples').join(', ');
}
