import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  model as makeModel,
  sequential,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';

import {readWeight} from '../../../lib/model/read_weight';
import {values} from '../../setup/models';
import {around} from '../../shrink/shrunk';
import {scoresOf, twoUnits} from './scores';

type T = SymbolicTensor;

describe('meanActivation and maxActivation', () => {
  // Units at (1, 3) and (3, −5).
  const kernel = [1, -1, 0, 2];
  const x = () => tf.tensor2d([1, 2, 3, -1], [2, 2]);

  it.each<['relu' | 'linear', number[], number[]]>([
    ['relu', [2, 1.5], [3, 3]],
    ['linear', [2, 4], [3, 5]],
  ])('are of |a| after %s', async (activation, mean, max) => {
    const model = twoUnits(kernel, [1, 1], activation);
    const calibration = {x: x()};
    expect(await scoresOf(model, 'p', {importance: 'meanActivation', calibration})).toEqual(mean);
    expect(await scoresOf(model, 'p', {importance: 'maxActivation', calibration})).toEqual(max);
    const single = {...calibration, batchSize: 1};
    expect(await scoresOf(model, 'p', {importance: 'meanActivation', calibration: single})).toEqual(
      mean,
    );
    expect(await scoresOf(model, 'p', {importance: 'maxActivation', calibration: single})).toEqual(
      max,
    );
  });

  it('are averaged or added up over the layers that read the channels', async () => {
    // The stream is (1, 3) at first, and 'q' adds (1, 1) to it.
    const given = input({shape: [2]});
    const p = layers.dense({units: 2, name: 'p', useBias: false}).apply(given) as T;
    const q = layers.dense({units: 2, name: 'q', kernelInitializer: 'zeros'}).apply(p) as T;
    const sum = layers.add().apply([p, q]) as T;
    const out = layers.dense({units: 1, name: 'out'}).apply(sum) as T;
    const model = makeModel({inputs: given, outputs: out});
    readWeight(model.getLayer('p').weights[0]).assign(tf.tensor2d(kernel, [2, 2]));
    readWeight(model.getLayer('q').weights[1]).assign(tf.tensor1d([1, 1]));
    const calibration = {x: tf.tensor2d([[1, 2]])};
    const importance = 'meanActivation';
    expect(await scoresOf(model, 'p', {importance, calibration})).toEqual([1.5, 3.5]);
    expect(await scoresOf(model, 'p', {importance, calibration, reduce: 'sum'})).toEqual([3, 7]);
  });

  const image = [5, 5, 2];
  const conv = () => layers.conv2d({filters: 3, kernelSize: 2, name: 'p', activation: 'relu'});
  const chain = (x: T, ...all: layers.Layer[]) => all.reduce((y, each) => each.apply(y) as T, x);
  const units = [[0], [1], [2]];

  /** Input's shape, layers, path of the one in question, positions of its channels at the next. */
  it.each<[string, number[], (x: T) => T, string, number[][]]>([
    ['a convolution', image, (x) => chain(x, conv()), 'p', units],
    [
      'a convolution with normalization, activation and pooling after it',
      image,
      (x) =>
        chain(x, conv(), layers.batchNormalization({}), layers.reLU(), layers.maxPooling2d({})),
      'p',
      units,
    ],
    [
      'a layer in a nested model',
      image,
      (x) =>
        sequential({name: 'inner', layers: [layers.inputLayer({inputShape: image}), conv()]}).apply(
          x,
        ) as T,
      'inner/p',
      units,
    ],
    [
      'a wrapped layer',
      [3, ...image],
      (x) => chain(x, layers.timeDistributed({layer: conv(), name: 't'})),
      't/p',
      units,
    ],
    [
      'one part of a concatenation',
      image,
      (x) =>
        layers
          .concatenate()
          .apply([chain(x, layers.conv2d({filters: 1, kernelSize: 2})), chain(x, conv())]) as T,
      'p',
      [[1], [2], [3]],
    ],
    [
      'a bidirectional layer',
      [3, 2],
      (x) => {
        const layer = layers.lstm({
          units: 3,
          returnSequences: true,
          recurrentInitializer: 'glorotUniform',
          name: 'p',
        });
        return layers.bidirectional({layer, mergeMode: 'concat', name: 'b'}).apply(x) as T;
      },
      'b/forward_p',
      [
        [0, 3],
        [1, 4],
        [2, 5],
      ],
    ],
  ])('see the output of %s', async (_, shape, make, name, positions) => {
    const model = around(shape, make);
    // What is flattened for the last layer.
    const {sourceLayer} = model.getLayer('out').input as T;
    const seen = makeModel({inputs: model.inputs, outputs: sourceLayer.input});
    const x = tf.randomNormal([5, ...shape], 0, 1, 'float32', 3);
    const output = tf.abs(seen.predict(x) as tf.Tensor);
    const rows = tf.reshape(output, [-1, output.shape[output.rank - 1]]);
    const mean = values(tf.mean(rows, 0));
    const max = values(tf.max(rows, 0));
    const calibration = {x, batchSize: 2};
    const means = await scoresOf(model, name, {importance: 'meanActivation', calibration});
    const maxima = await scoresOf(model, name, {importance: 'maxActivation', calibration});
    positions.forEach((at, i) => {
      const average = at.reduce((all, each) => all + mean[each], 0) / at.length;
      expect(means[i]).toBeCloseTo(average, 3);
      expect(maxima[i]).toBeCloseTo(Math.max(...at.map((each) => max[each])), 3);
    });
  });
});
