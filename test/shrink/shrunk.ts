import {dispose, randomNormal, type Tensor, tidy} from '@tensorflow/tfjs-core';
import type {LayersModel, SymbolicTensor} from '@tensorflow/tfjs-layers';
import {input, layers, model as makeModel} from '@tensorflow/tfjs-layers';

import {channelGroups, type ChannelGroup} from '../../lib/channels/groups/channel_groups';
import {maskChannels} from '../../lib/channels/mask_channels';
import {weightsOf} from '../../lib/model/layer_tree';
import {readWeight} from '../../lib/model/read_weight';
import {shrink, type ShrinkReport} from '../../lib/shrink/shrink';
import {largestError, predict} from './fuzz_once';
import {randomInputs, randomizeWeights} from './random_model';

/** The group that `layer`, a path of names, makes. */
export function groupOf(model: LayersModel, layer: string): ChannelGroup {
  const group = channelGroups(model).find(({layers: names}) => names.includes(layer));
  if (group === undefined) {
    throw new Error(`No group of ${layer}.`);
  }
  return group;
}

/** Masks channels of groups by a layer's name, shrinks, and checks that both models agree. */
export async function shrunk<T extends LayersModel>(
  model: T,
  channels: Record<string, number[]>,
): Promise<{smaller: T; report: ShrinkReport; shapes: Record<string, number[]>}> {
  for (const [name, gone] of Object.entries(channels)) {
    maskChannels(groupOf(model, name), gone);
  }
  const {smaller, report} = await shrunkAsIs(model);
  const named = weightsOf(smaller).map(({originalName, shape}) => [originalName, shape]);
  return {smaller, report, shapes: Object.fromEntries(named)};
}

/** Shrinks, and checks that both models agree. */
export async function shrunkAsIs<T extends LayersModel>(model: T) {
  let report: ShrinkReport | undefined;
  const inputs = randomInputs(model, 7);
  const expected = predict(model, inputs);
  const smaller = await shrink(model, {onReport: (made) => (report = made)});
  const actual = predict(smaller, inputs);
  const error = await largestError(expected, actual);
  dispose([inputs, expected, actual]);
  expect(error).toBeLessThan(1e-5);
  return {smaller, report: report as ShrinkReport};
}

/** A model of `make` between an input of `shape` and a last layer named 'out'. */
export function around(
  shape: number[],
  make: (x: SymbolicTensor) => unknown,
  dtype: 'float32' | 'int32' = 'float32',
): LayersModel {
  const x = input({shape, dtype});
  const y = make(x) as SymbolicTensor;
  const flat = y.shape.length > 2 ? (layers.flatten().apply(y) as SymbolicTensor) : y;
  const last = layers.dense({units: 2, name: 'out'}).apply(flat) as SymbolicTensor;
  const model = makeModel({inputs: x, outputs: last});
  randomizeWeights(model, 3);
  return model;
}

/** Gives each weight of `model` whose name ends in `name` the value `value`. */
export function setWeights(model: LayersModel, name: string, value: number): void {
  for (const variable of weightsOf(model).filter(({originalName}) => originalName.endsWith(name))) {
    tidy(() =>
      readWeight(variable).assign(randomNormal(variable.shape as number[], value, 0) as Tensor),
    );
  }
}
