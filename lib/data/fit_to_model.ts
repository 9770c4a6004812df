import {expandDims, Tensor} from '@tensorflow/tfjs-core';
import type {LayersModel, Shape} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {lossOfOutput} from '../model/compiled_loss';
import {trainedModel} from '../model/trained_model';
import {isDataset, type Part, type Samples} from './samples';

/** A vector as a matrix of one column, as `fit` makes it; any other tensor as it is. */
export function asColumn(tensor: Tensor): Tensor {
  return tensor.rank === 1 ? expandDims(tensor, 1) : tensor;
}

/**
 * Throws unless `model` takes the tensors of `samples`; the batches of a dataset
 * are known only when they come.
 *
 * @param argument What errors call the samples.
 */
export function checkFit(
  model: LayersModel,
  samples: Samples,
  argument: string,
  part: Part = 'targets',
): void {
  if (!isDataset(samples)) {
    inputsAndTargets(model, [samples.x, samples.y], [`${argument}.x`, `${argument}.y`], part);
  }
}

/**
 * Inputs and targets as lists, one for each input and each output of the model;
 * no targets where `part` is `'inputs'`.
 *
 * @param given A tensor, a list, or a map by the names of inputs and outputs; of both.
 * @param names What errors call them.
 * @throws PruningError for what `fit` would not take.
 */
export function inputsAndTargets(
  model: LayersModel,
  [x, y]: readonly [unknown, unknown],
  [xName, yName]: readonly [string, string],
  part: Part,
): {xs: Tensor[]; ys: Tensor[]} {
  const {inputs, inputNames, outputNames} = trainedModel(model);
  const shapes = inputs.map(({shape}) => shape);
  const xs = tensorsOf(xName, x, inputNames, shapes);
  const ys = part === 'targets' ? tensorsOf(yName, y, outputNames, targetShapes(model)) : [];
  const [size] = xs[0].shape;
  [...xs, ...ys].forEach(({shape: [other]}, i) => {
    const name = i < xs.length ? xName : yName;
    check(other === size, name, `as many samples as inputs, ${size}`, other);
  });
  return {xs, ys};
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
    const right = `a tensor of shape [${describe(shape)}]`;
    check(given instanceof Tensor, one, right, given);
    const {rank, size, shape: found} = given as Tensor;
    const own = rank === 1 ? [size, 1] : found;
    const fits = shape.every((wanted, axis) => wanted === null || wanted === own[axis]);
    check(fits && shape.length === own.length, one, right, found);
    return given as Tensor;
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
  const {outputs} = trainedModel(model);
  return outputs.map(({shape}, i) =>
    lossOfOutput(model, i) === 'sparseCategoricalCrossentropy' ? [...shape.slice(0, -1), 1] : shape,
  );
}

function describe(shape: Shape): string {
  return shape.map((size) => size ?? 'samples').join(', ');
}
