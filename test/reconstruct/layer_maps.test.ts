import * as tf from '@tensorflow/tfjs-core';
import {input, layers, model as makeModel, type SymbolicTensor} from '@tensorflow/tfjs-layers';

import {linearPartOf} from '../../lib/reconstruct/layer_maps';
import {backendName} from '../setup/backend';
import {randomizeWeights} from '../shrink/random_model';

type Layer = layers.Layer;

const image = [9, 8, 3];
const first = [3, 9, 8];
/** What tfjs computes on few backends. */
const FEW: ReadonlySet<string> = new Set(['cpu', 'tensorflow']);

const cases: Array<[string, number[], () => Layer]> = [
  ['dense', [5], () => layers.dense({units: 4})],
  ['dense of sequences', [6, 5], () => layers.dense({units: 4, useBias: false})],
  ['conv1d', [9, 3], () => layers.conv1d({filters: 4, kernelSize: 3, strides: 2})],
  ['conv1d, same, dilated', [9, 3], () =>
    layers.conv1d({filters: 4, kernelSize: 3, padding: 'same', dilationRate: 2})],
  ['conv2d', image, () => layers.conv2d({filters: 4, kernelSize: [3, 2]})],
  ['conv2d of 1x1', image, () => layers.conv2d({filters: 4, kernelSize: 1, useBias: false})],
  ['conv2d, same, strides', image, () =>
    layers.conv2d({filters: 4, kernelSize: 3, strides: 2, padding: 'same'})],
  ['conv2d, strides above the kernel', image, () =>
    layers.conv2d({filters: 4, kernelSize: 1, strides: 2, padding: 'same'})],
  ['conv2d, dilated', image, () => layers.conv2d({filters: 4, kernelSize: 3, dilationRate: 2})],
  ['conv2d, channels first', first, () =>
    layers.conv2d({filters: 4, kernelSize: 3, dataFormat: 'channelsFirst'})],
  ['depthwise', image, () => layers.depthwiseConv2d({kernelSize: 3, depthMultiplier: 2})],
  ['depthwise, same, strides', image, () =>
    layers.depthwiseConv2d({kernelSize: 3, strides: 2, padding: 'same', useBias: false})],
  ['separable', image, () => layers.separableConv2d({filters: 4, kernelSize: 3})],
  ['separable, same, multiplied', image, () =>
    layers.separableConv2d({filters: 4, kernelSize: 3, padding: 'same', depthMultiplier: 2})],
  ['transposed', image, () => layers.conv2dTranspose({filters: 4, kernelSize: 3})],
  ['transposed, same, strides', image, () =>
    layers.conv2dTranspose({filters: 4, kernelSize: [3, 2], strides: 2, padding: 'same'})],
  ['transposed, channels first', first, () =>
    layers.conv2dTranspose({filters: 4, kernelSize: 3, dataFormat: 'channelsFirst'})],
  ...(FEW.has(backendName) ? ([
    ['conv3d', [5, 6, 7, 2], () => layers.conv3d({filters: 3, kernelSize: 2, strides: 2})],
    ['conv3d, same', [5, 6, 7, 2], () =>
      layers.conv3d({filters: 3, kernelSize: 3, padding: 'same'})],
    ['transposed, 3d', [4, 4, 3, 2], () => layers.conv3dTranspose({filters: 3, kernelSize: 2})],
  ] as Array<[string, number[], () => Layer]>) : []),
]; // prettier-ignore

describe('linearPartOf', () => {
  it.each(cases)('%s: rows by matrix is what the layer gives', (_, shape, make) => {
    const layer = make();
    const x = input({shape});
    const model = makeModel({inputs: x, outputs: layer.apply(x) as SymbolicTensor});
    randomizeWeights(model, 3);
    const part = linearPartOf(layer);
    if (typeof part === 'string') {
      throw new Error(part);
    }
    tf.tidy(() => {
      const samples = tf.randomNormal([2, ...shape], 0, 1, 'float32', 7);
      const outputs = model.predict(samples) as tf.Tensor;
      const kernel = part.kernel.read();
      const isFirst = Reflect.get(layer, 'dataFormat') === 'channelsFirst';
      const last = isFirst ? tf.transpose(outputs, [0, 2, 3, 1]) : outputs;
      const bias = part.bias?.read() ?? tf.scalar(0);
      const made = tf.matMul(part.map.rows(samples), part.map.toMatrix(kernel));
      const plain = tf.reshape(tf.transpose(made, [1, 0, 2]), last.shape);
      const error = tf.max(tf.abs(tf.sub(tf.add(plain, bias), last)));
      expect(error.dataSync()[0]).toBeLessThan(1e-4);
      const back = part.map.toKernel(part.map.toMatrix(kernel));
      expect(back.shape).toEqual(kernel.shape);
      expect([...back.dataSync()]).toEqual([...kernel.dataSync()]);
      const {groups, inputs, outputs: columns} = part.map;
      expect(part.map.toMatrix(kernel).shape).toEqual([groups, inputs, columns]);
    });
  });

  it('says why others are left', () => {
    const built = (layer: Layer, shape: number[]) => {
      layer.apply(input({shape}));
      return linearPartOf(layer);
    };
    expect(built(layers.embedding({inputDim: 4, outputDim: 2}), [3])).toMatch(/not changed/);
    const rnn = layers.lstm({units: 2, recurrentInitializer: 'glorotNormal'});
    rnn.apply(input({shape: [3, 2]}));
    expect(linearPartOf(Reflect.get(rnn, 'cell') as Layer)).toMatch(/recurrent/);
    expect(built(layers.dense({units: 1}), [9000])).toMatch(/9000 inputs/);
  });
});
