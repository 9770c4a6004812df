import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {PolynomialDecay} from '../../lib';
import {random} from '../setup/models';
import * as both from './tfjs';

/** What the snippets of the documentation take for granted, made anew for each. */
export type Scope = ReturnType<typeof makeScope>;

export function makeScope() {
  const [x, y] = samples(40, 1);
  const [valX, valY] = samples(20, 2);
  const schedule = {initialSparsity: 0.5, finalSparsity: 0.75, beginStep: 0, endStep: 4};
  const dense = makeModel();
  const student = makeModel();
  return {
    tf: both,
    model: makeModel(),
    dense,
    student,
    x,
    y,
    trainX: x,
    trainY: y,
    someX: x,
    someY: y,
    valX,
    valY,
    testX: valX,
    testY: valY,
    batches: [[x, y] as const, [valX, valY] as const],
    labeled: datasetOf(x, y),
    schedule,
    pruner: new PolynomialDecay(schedule),
  };
}

/** Images of 4 x 4 in two classes: a convolution, two residual blocks, a classifier. */
function makeModel(): tfl.LayersModel {
  const {batchNormalization, flatten, add} = tfl.layers;
  // What an example finds by training must not depend on chance.
  let seed = 7;
  const seeded = () => ({kernelInitializer: tfl.initializers.glorotUniform({seed: ++seed})});
  const dense = (args: Parameters<typeof tfl.layers.dense>[0]) =>
    tfl.layers.dense({...seeded(), ...args});
  const conv2d = (args: Parameters<typeof tfl.layers.conv2d>[0]) =>
    tfl.layers.conv2d({...seeded(), ...args});
  const image = tfl.input({shape: [4, 4, 1]});
  const filtered = conv2d({filters: 8, kernelSize: 3, name: 'conv2d_1'}).apply(image);
  const normal = batchNormalization({name: 'batch_normalization_1'}).apply(filtered);
  let features = dense({units: 16, activation: 'relu', name: 'dense_1'}).apply(
    flatten().apply(normal),
  );
  for (const block of [1, 2]) {
    const name = `dense_${block + 1}`;
    const branch = dense({units: 16, name}).apply(features);
    features = add({name: `add_${block}`}).apply([features, branch] as tfl.SymbolicTensor[]);
  }
  const hidden = dense({units: 16, activation: 'relu', name: 'dense_4'}).apply(features);
  const output = dense({units: 2, activation: 'softmax', name: 'output'}).apply(hidden);
  const model = tfl.model({inputs: image, outputs: output as tfl.SymbolicTensor});
  model.compile({optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy']});
  // On tfjs-node a fit prints its progress.
  const {fit} = model;
  model.fit = (x, y, args) => fit.call(model, x, y, {verbose: 0, ...args});
  return model;
}

/** The class says whether an image is bright. */
function samples(count: number, seed: number): [tf.Tensor4D, tf.Tensor2D] {
  const next = random(seed);
  const classes = Array.from({length: count}, () => Math.floor(next() * 2));
  const pixels = classes.flatMap((bright) => Array.from({length: 16}, () => next() + bright));
  const x = tf.tensor4d(pixels, [count, 4, 4, 1]);
  return [x, tf.cast(tf.oneHot(tf.tensor1d(classes, 'int32'), 2), 'float32') as tf.Tensor2D];
}

/** A dataset of one batch. */
function datasetOf(xs: tf.Tensor, ys: tf.Tensor) {
  const iterator = async () => {
    const left = [{xs, ys}];
    return {next: async () => ({done: left.length === 0, value: left.pop()})};
  };
  return {size: 1, iterator} as unknown as Parameters<tfl.LayersModel['evaluateDataset']>[0];
}
