import type {Tensor} from '@tensorflow/tfjs-core';
import type {layers, LayerVariable} from '@tensorflow/tfjs-layers';

import {effectiveWeight} from '../../projection/effective_weight';

export type Layer = layers.Layer;

/** An activation function as tfjs-layers holds it. */
export interface Activation {
  apply(x: Tensor): Tensor;
  getClassName(): string;
}

/** A field of a layer that its type does not show. */
export function field<T>(layer: Layer, name: string): T {
  return Reflect.get(layer, name) as T;
}

/** A weight of a layer, `null` or `undefined` where it has none. */
export function weight(layer: Layer, name: string): LayerVariable | null | undefined {
  return field(layer, name);
}

/** The values of a weight that may be missing, as its mask leaves them. */
export function valuesOf(variable: LayerVariable | null | undefined): Tensor | undefined {
  return variable == null ? undefined : effectiveWeight(variable);
}

/** The axis of channels of a layer that has a `dataFormat`, or always has them last. */
export function channelAxis(layer: Layer, rank: number): number {
  return field(layer, 'dataFormat') === 'channelsFirst' ? 1 : rank - 1;
}

/** Activations that treat each element by itself, and whether they keep zero at zero. */
const ELEMENTWISE_ACTIVATIONS: Readonly<Record<string, boolean>> = {
  linear: true,
  relu: true,
  relu6: true,
  elu: true,
  selu: true,
  tanh: true,
  softsign: true,
  swish: true,
  mish: true,
  gelu: true,
  gelu_new: true,
  sigmoid: false,
  hardSigmoid: false,
  softplus: false,
};

/** Why an activation forbids to take out channels, or `undefined`. */
export function mixesChannels(activation: Activation | null): string | undefined {
  const name = activation?.getClassName() ?? 'linear';
  return name in ELEMENTWISE_ACTIVATIONS
    ? undefined
    : `activation '${name}' of each channel depends on the others`;
}

/** Whether an activation keeps zero at zero. */
export function keepsZero(activation: Activation | null): boolean {
  return ELEMENTWISE_ACTIVATIONS[activation?.getClassName() ?? 'linear'] === true;
}
