import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {channelGroupAxes, inputsByOutputs} from '../../lib/model/kernel_axes';

describe('inputsByOutputs', () => {
  const conv = {filters: 2, kernelSize: 1};

  it.each<[string, tfl.layers.Layer, number[], number[]]>([
    ['conv2dTranspose', tfl.layers.conv2dTranspose(conv), [1, 1, 2, 3], [1, 4, 2, 5, 3, 6]],
    ['conv3dTranspose', tfl.layers.conv3dTranspose(conv), [1, 1, 1, 2, 3], [1, 4, 2, 5, 3, 6]],
    ['conv2d', tfl.layers.conv2d(conv), [1, 1, 2, 3], [1, 2, 3, 4, 5, 6]],
    ['dense', tfl.layers.dense({units: 3}), [2, 3], [1, 2, 3, 4, 5, 6]],
  ])('of %s, and back', (_name, layer, shape, wanted) => {
    tf.tidy(() => {
      const kernel = tf.tensor([1, 2, 3, 4, 5, 6], shape);
      const turned = inputsByOutputs(layer, kernel);
      expect([...turned.dataSync()]).toEqual(wanted);
      const back = inputsByOutputs(layer, turned);
      expect(back.shape).toEqual(shape);
      expect([...back.dataSync()]).toEqual([1, 2, 3, 4, 5, 6]);
    });
  });
});

describe('channelGroupAxes', () => {
  const conv = {filters: 2, kernelSize: 3};
  const cases: [string, tfl.layers.Layer, number, number[]][] = [
    ['dense', tfl.layers.dense({units: 2}), 2, [0]],
    ['convolution', tfl.layers.conv2d(conv), 4, [0, 1, 2]],
    ['transposed convolution', tfl.layers.conv2dTranspose(conv), 4, [0, 1, 3]],
    ['depthwise convolution', tfl.layers.depthwiseConv2d({kernelSize: 3}), 4, [0, 1]],
    ['embedding', tfl.layers.embedding({inputDim: 5, outputDim: 2}), 2, [0]],
    ['normalization', tfl.layers.batchNormalization(), 1, []],
  ];

  it.each(cases)('leaves the outputs of a %s', (_name, layer, rank, axes) => {
    expect(channelGroupAxes(layer, rank)).toEqual(axes);
  });
});
