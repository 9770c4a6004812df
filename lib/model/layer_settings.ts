import type {Tensor} from '@tensorflow/tfjs-core';
import type {layers} from '@tensorflow/tfjs-layers';

import {PruningError} from '../base/errors';

type Layer = layers.Layer;

/** An activation function as tfjs-layers holds it. */
export interface Activation {
  apply(x: Tensor): Tensor;
  getClassName(): string;
}

/** The settings of a window that slides over an input. */
export type WindowSetting = 'kernelSize' | 'poolSize' | 'strides' | 'dilationRate';

/*
 * How a layer is set up, in one form whatever wrote its configuration. tfjs-layers
 * keeps much as it was given: an axis may be a number, negative or a list of one
 * (Keras of TensorFlow 2 writes `[3]`), a size a number or a list, a default
 * `null`, and names of fields and formats in Python's spelling.
 */

/**
 * The axis along which a layer works, from 0.
 *
 * @param rank Number of axes of what it works on, with the batch.
 * @throws PruningError for a layer that works along several axes.
 * @example
 * axisOf(tf.layers.concatenate({axis: -1}), 4); //=> 3
 */
export function axisOf(layer: Layer, rank: number): number {
  const axes = axesOf(layer, rank);
  if (axes.length !== 1) {
    throw new PruningError(`axis of layer '${layer.name}'`, 'one axis', axes);
  }
  return axes[0];
}

/** The axes along which a layer works, from 0; the last where it does not say. */
export function axesOf(layer: Layer, rank: number): number[] {
  const axis = setting<number | readonly number[] | null>(layer, 'axis') ?? -1;
  return [axis].flat().map((each) => fromStart(each, rank));
}

/** The axis that a `Dot` sums over in each of its inputs, from 0. */
export function dotAxes(layer: Layer, ranks: readonly number[]): number[] {
  const axes = [setting<number | readonly number[]>(layer, 'axes')].flat();
  return ranks.map((rank, i) => fromStart(axes.length === 1 ? axes[0] : axes[i], rank));
}

/** Whether the channels come right after the batch; by default they are last. */
export function hasChannelsFirst(layer: Layer): boolean {
  const format = setting<string | null>(layer, 'dataFormat') ?? '';
  return format.replace('_', '').toLowerCase() === 'channelsfirst';
}

/** The axis of channels of a layer that has a `dataFormat`, or always has them last. */
export function channelAxis(layer: Layer, rank: number): number {
  return hasChannelsFirst(layer) ? 1 : rank - 1;
}

/**
 * A setting of a layer's window, one number for each of its dimensions. Strides
 * that are not set are the window's size in a pooling, and 1 in a convolution.
 *
 * @param dimensions Number of dimensions of the window.
 * @example
 * windowOf(tf.layers.conv2d({filters: 8, kernelSize: 3}), 'kernelSize', 2); //=> [3, 3]
 */
export function windowOf(layer: Layer, name: WindowSetting, dimensions: number): number[] {
  const given =
    setting<number | readonly number[] | null>(layer, name) ??
    (name === 'strides' ? setting<number | readonly number[] | null>(layer, 'poolSize') : null);
  const sizes = [given ?? (name === 'poolSize' ? 2 : 1)].flat();
  return Array.from({length: dimensions}, (_, i) => (sizes.length === 1 ? sizes[0] : sizes[i]));
}

/** Whether a window reads nothing outside its input. */
export function isPadded(layer: Layer): boolean {
  return (setting<string | null>(layer, 'padding') ?? 'valid').toLowerCase() !== 'valid';
}

/** The activation of a layer or cell; `null` where it has none, which is linear. */
export function activationOf(
  layer: Layer,
  name: 'activation' | 'recurrentActivation' = 'activation',
): Activation | null {
  return setting<Activation | null>(layer, name) ?? null;
}

/** Whether `layer` passes on what it gets: the layer that stands for one that was removed. */
export function isIdentity(layer: Layer): boolean {
  return (
    layer.getClassName() === 'Activation' &&
    (activationOf(layer)?.getClassName() ?? 'linear') === 'linear'
  );
}

/** What a normalization adds to the variance. */
export function epsilonOf(layer: Layer): number {
  return setting<number | null>(layer, 'epsilon') ?? 1e-3;
}

/** Whether a recurrent layer or model goes on from its last state with the next batch. */
export function isStateful(layer: Layer): boolean {
  return setting(layer, 'stateful') === true;
}

/** Whether a recurrent layer returns an output for each step. */
export function returnsSequences(layer: Layer): boolean {
  return setting(layer, 'returnSequences') === true;
}

/** How a `Bidirectional` makes one output of two; `null` where it returns both. */
export function mergeModeOf(layer: Layer): string | null {
  return setting<string | null>(layer, 'mergeMode') ?? null;
}

/** The shape that a `Reshape` makes, without the batch; `null` for what is left over. */
export function targetShapeOf(layer: Layer): Array<number | null> {
  const shape = setting<ReadonlyArray<number | null>>(layer, 'targetShape');
  return shape.map((size) => (size === null || size < 0 ? null : size));
}

/** For each axis of what a `Permute` makes, the axis of its input, from 0 with the batch. */
export function permutationOf(layer: Layer): number[] {
  return [0, ...setting<readonly number[]>(layer, 'dims')];
}

/** The shape of a dropout's noise, with the batch; `null` where it is that of the input. */
export function noiseShapeOf(layer: Layer): ReadonlyArray<number | null> | null {
  return setting<ReadonlyArray<number | null> | null>(layer, 'noiseShape') ?? null;
}

/** Whether a layer tells those behind it to leave out steps. */
export function masksSteps(layer: Layer): boolean {
  return layer.getClassName() === 'Masking' || masksZero(layer);
}

/** Whether an `Embedding` leaves out steps of the number 0. */
export function masksZero(layer: Layer): boolean {
  return setting(layer, 'maskZero') === true;
}

/** Whether a layer is a `Masking` of zeros, which gives the numbers that it takes. */
export function isZeroMasking(layer: Layer): boolean {
  return layer.getClassName() === 'Masking' && setting(layer, 'maskValue') === 0;
}

/** A field that the layer's type does not show, also in Python's spelling. */
function setting<T>(layer: Layer, name: string): T {
  const own: unknown = Reflect.get(layer, name);
  const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return (own === undefined ? Reflect.get(layer, snake) : own) as T;
}

function fromStart(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

/** The words of an Embedding: rows of its table. */
export function rowsOfEmbedding(layer: Layer): number {
  return Reflect.get(layer, 'inputDim') as number;
}
