import * as tfl from '@tensorflow/tfjs-layers';

import {loadPictures, SIZE} from '../../examples/transfer/pictures';
import type {Task} from './task';

/** Emoji of 64 x 64 in color, nine classes: a residual net of nine convolutions, from nothing. */
export function pictures(): Task {
  const {train, test, classes} = loadPictures();
  return {
    title: 'pictures',
    train,
    test,
    batch: 32,
    epochs: 10,
    learningRate: 1e-3,
    loss: 'categoricalCrossentropy',
    make: (seed) => residual(classes.length, seed),
  };
}

function residual(classes: number, seed: number): tfl.LayersModel {
  let made = 0;
  const kernelInitializer = () => tfl.initializers.heNormal({seed: 1000 * seed + made++});
  const through = (x: tfl.SymbolicTensor, ...layers: tfl.layers.Layer[]) =>
    layers.reduce((y, layer) => layer.apply(y) as tfl.SymbolicTensor, x);
  const conv = (filters: number, kernelSize: number, strides = 1) => [
    tfl.layers.conv2d({
      filters,
      kernelSize,
      strides,
      padding: 'same',
      useBias: false,
      kernelInitializer: kernelInitializer(),
    }),
    // Statistics that keep up with a training of 45 steps an epoch.
    tfl.layers.batchNormalization({momentum: 0.9}),
  ];
  const block = (x: tfl.SymbolicTensor, filters: number) => {
    const long = through(x, ...conv(filters, 3, 2), tfl.layers.reLU(), ...conv(filters, 3));
    const short = through(x, ...conv(filters, 1, 2));
    return through(tfl.layers.add().apply([long, short]) as tfl.SymbolicTensor, tfl.layers.reLU());
  };
  const inputs = tfl.input({shape: [SIZE, SIZE, 3]});
  let x = through(inputs, ...conv(16, 3, 2), tfl.layers.reLU());
  for (const filters of [32, 64]) {
    x = block(x, filters);
  }
  const outputs = through(
    x,
    ...conv(128, 3, 2),
    tfl.layers.reLU(),
    tfl.layers.globalAveragePooling2d({}),
    tfl.layers.dense({
      units: classes,
      activation: 'softmax',
      kernelInitializer: kernelInitializer(),
    }),
  );
  return tfl.model({inputs, outputs});
}
