import * as tf from '@tensorflow/tfjs-core';

import {PruningError} from '../../lib/base/errors';
import {registerTrainingKernels} from '../../lib/wasm';
import {startCpuAndWasm} from './on_backend';

startCpuAndWasm();

const names = [
  tf.Conv2DBackpropFilter,
  tf.DepthwiseConv2dNativeBackpropFilter,
  tf.DepthwiseConv2dNativeBackpropInput,
  tf.UnsortedSegmentSum,
];

describe('registerTrainingKernels', () => {
  afterEach(() => {
    for (const name of names) {
      tf.unregisterKernel(name, 'wasm');
    }
    registerTrainingKernels();
  });

  it('finds nothing to do after the import', () => {
    for (const name of names) {
      expect(tf.getKernel(name, 'wasm')).toBeDefined();
    }
    expect(registerTrainingKernels()).toEqual([]);
  });

  it('is called by the import', () => {
    names.forEach((name) => tf.unregisterKernel(name, 'wasm'));
    jest.isolateModules(() => {
      jest.doMock('@tensorflow/tfjs-core', () => tf); // A second copy would warn.
      require('../../lib/wasm');
    });
    for (const name of names) {
      expect(tf.getKernel(name, 'wasm')).toBeDefined();
    }
  });

  it('leaves a kernel that is there and returns the names of the others', () => {
    const own = {kernelName: names[0], backendName: 'wasm', kernelFunc: () => []};
    names.forEach((name) => tf.unregisterKernel(name, 'wasm'));
    tf.registerKernel(own);
    expect(registerTrainingKernels()).toEqual(names.slice(1));
    expect(tf.getKernel(names[0], 'wasm')).toBe(own);
  });
});

type Attrs = Parameters<ReturnType<typeof tf.engine>['runKernel']>[2];
type Inputs = Parameters<ReturnType<typeof tf.engine>['runKernel']>[1];

function run(name: string, inputs: Inputs, attrs: Attrs): tf.Tensor {
  return tf.engine().runKernel(name, inputs, attrs) as tf.Tensor;
}

const strided = {strides: [2, 1], pad: 'same', dilations: 1};

describe('a kernel', () => {
  beforeAll(() => tf.setBackend('wasm'));
  afterEach(() => tf.env().set('IS_TEST', false));

  const calls: [string, () => Inputs, Attrs][] = [
    [
      tf.Conv2DBackpropFilter,
      () => ({x: tf.ones([2, 5, 5, 3]), dy: tf.ones([2, 3, 5, 4])}),
      {...strided, dataFormat: 'NHWC', filterShape: [3, 3, 3, 4]},
    ],
    [
      tf.Conv2DBackpropFilter,
      () => ({x: tf.ones([2, 5, 5, 3]), dy: tf.ones([2, 5, 5, 4])}),
      {strides: 1, pad: 'same', dataFormat: 'NHWC', filterShape: [1, 1, 3, 4]},
    ],
    [
      tf.DepthwiseConv2dNativeBackpropFilter,
      () => ({x: tf.ones([2, 5, 5, 3]), dy: tf.ones([2, 3, 5, 6])}),
      {...strided, filterShape: [3, 3, 3, 2]},
    ],
    [
      tf.DepthwiseConv2dNativeBackpropInput,
      () => ({dy: tf.ones([2, 3, 5, 6]), filter: tf.ones([3, 3, 3, 2])}),
      {...strided, inputShape: [2, 5, 5, 3]},
    ],
    [
      tf.UnsortedSegmentSum,
      () => ({x: tf.ones([3, 2]), segmentIds: tf.tensor1d([0, 1, 1], 'int32')}),
      {numSegments: 2},
    ],
  ];

  it.each(calls)('%s leaves nothing behind', (name, makeInputs, attrs) => {
    const inputs = makeInputs();
    const before = tf.memory();
    const dataIdsBefore = tf.backend().numDataIds();
    tf.env().set('IS_TEST', true); // Then the engine also looks for data that no tensor owns.
    const result = run(name, inputs, attrs);
    expect(tf.memory().numTensors).toBe(before.numTensors + 1);
    result.dispose();
    expect(tf.memory()).toEqual(before);
    expect(tf.backend().numDataIds()).toBe(dataIdsBefore);
    tf.dispose(inputs as tf.NamedTensorMap);
  });

  it('says which data format it cannot do', () => {
    const inputs = {x: tf.ones([1, 3, 5, 5]), dy: tf.ones([1, 4, 5, 5])};
    const attrs = {strides: 1, pad: 'same', dataFormat: 'NCHW', filterShape: [3, 3, 3, 4]};
    expect(() => run(tf.Conv2DBackpropFilter, inputs, attrs)).toThrow(
      new PruningError('dataFormat', "'NHWC' for Conv2DBackpropFilter on wasm", 'NCHW'),
    );
  });

  it('says that it cannot do dilations', () => {
    const dy = tf.ones([1, 5, 5, 3]);
    const dilated = {strides: 1, pad: 'same', dilations: [1, 2]};
    expect(() =>
      run(
        tf.DepthwiseConv2dNativeBackpropFilter,
        {x: tf.ones([1, 5, 5, 3]), dy},
        {...dilated, filterShape: [3, 3, 3, 1]},
      ),
    ).toThrow('dilations: expected 1 for DepthwiseConv2dNativeBackpropFilter on wasm');
    expect(() =>
      run(
        tf.DepthwiseConv2dNativeBackpropInput,
        {dy, filter: tf.ones([3, 3, 3, 1])},
        {...dilated, inputShape: [1, 5, 5, 3]},
      ),
    ).toThrow('but got [1,2]');
  });
});
