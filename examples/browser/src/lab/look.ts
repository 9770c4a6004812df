import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel, layers} from '@tensorflow/tfjs-layers';
import {sparsityReport} from 'tfjs-prune';

import type {LayerChannels, Look, Picture} from './api';
import {networkOf} from './network';

type Color = readonly [number, number, number];

const PRUNED: Color = [17, 19, 24];
const GAP: Color = [48, 52, 62];
const SMALL: Color = [128, 132, 142];
const NEGATIVE: Color = [255, 150, 60];
const POSITIVE: Color = [88, 170, 255];

/** How `model` looks now. */
export async function lookAt(model: LayersModel): Promise<Look> {
  const made = model.layers.filter(({weights}) => weights.length > 0);
  const {weights} = await sparsityReport(model);
  const titles = titlesOf(made);
  return {
    weights: weights.map((weight, i) => ({...weight, name: titles[i] ?? weight.name})),
    // The last layer's are the ten digits.
    channels: (await Promise.all(made.slice(0, -1).map(channelsOf))).map((layer, i) => ({
      ...layer,
      name: titles[i],
    })),
    network: await networkOf(made, titles),
    picture: await pictureOf(made[0]),
  };
}

/** What people call the layers of a small network. */
function titlesOf(made: readonly layers.Layer[]): string[] {
  let convolutions = 0;
  let hidden = 0;
  return made.map((layer, i) => {
    if (i === made.length - 1) {
      return 'Output layer';
    }
    const isConvolution = layer.getClassName() === 'Conv2D';
    return isConvolution ? `Convolution ${++convolutions}` : `Hidden layer ${++hidden}`;
  });
}

async function channelsOf(layer: layers.Layer): Promise<LayerChannels> {
  const any = tf.tidy(() => {
    const [kernel] = layer.getWeights();
    return tf.any(tf.notEqual(kernel, 0), kernel.shape.map((_, axis) => axis).slice(0, -1));
  });
  const kept = Array.from(await any.data(), Boolean);
  any.dispose();
  return {name: layer.name, kept};
}

/** A tile for each unit or filter, of the weights by which it sees the image. */
async function pictureOf(layer: layers.Layer): Promise<Picture> {
  const [kernel] = layer.getWeights();
  const values = await kernel.data<'float32'>();
  const tiles = kernel.shape.at(-1)!;
  const side = Math.round(Math.sqrt(values.length / tiles));
  const columns = Math.min(tiles, Math.ceil(Math.sqrt((tiles * 4) / 3)));
  const width = columns * (side + 1) + 1;
  const height = Math.ceil(tiles / columns) * (side + 1) + 1;
  const pixels = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; ++i) {
    pixels.set([...GAP, 255], i * 4);
  }
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (let tile = 0; tile < tiles; ++tile) {
    const left = (tile % columns) * (side + 1) + 1;
    const top = Math.floor(tile / columns) * (side + 1) + 1;
    for (let i = 0; i < side * side; ++i) {
      const at = (top + Math.floor(i / side)) * width + left + (i % side);
      pixels.set(colorOf(values[i * tiles + tile] / largest), at * 4);
    }
  }
  return {pixels, width, height};
}

function colorOf(weight: number): Color {
  if (!weight) {
    return PRUNED;
  }
  const full = weight < 0 ? NEGATIVE : POSITIVE;
  const share = Math.sqrt(Math.abs(weight));
  return [0, 1, 2].map((i) => SMALL[i] + share * (full[i] - SMALL[i])) as unknown as Color;
}
