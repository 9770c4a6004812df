import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

import {registerTrainingKernels} from '../../lib/wasm';
import {relativeError, soilMemory, startCpuAndWasm, valuesOn} from './on_backend';

startCpuAndWasm();

/** The outcome of `compute` and its gradients by all inputs, weighted by a random `dy`. */
function outcomes(compute: (...inputs: tf.Tensor[]) => tf.Tensor, inputs: () => tf.Tensor[]) {
  const on = (backend: 'cpu' | 'wasm') =>
    valuesOn(backend, () => {
      const given = inputs();
      soilMemory();
      const y = compute(...given);
      const dy = tf.randomNormal(y.shape, 0, 1, 'float32', 5);
      soilMemory();
      return [y, ...tf.grads(compute)(given, dy)];
    });
  return {expected: on('cpu'), actual: on('wasm')};
}

function expectSame({expected, actual}: ReturnType<typeof outcomes>): void {
  // Of the size of what is summed: a sum that cancels out, of few, has only its rounding left.
  const errors = actual.map((values, i) => relativeError(values, expected[i]));
  errors.forEach((error) => expect(error).toBeLessThan(1e-5));
}

const size = (max: number) => fc.integer({min: 1, max});
const triple = (max: number) => fc.tuple(size(max), size(max), size(max));
const pads = fc.constantFrom('same' as const, 'valid' as const);
const shifts = fc.constantFrom(-3, 0, 3);
const windows = fc
  .record({
    batch: size(2),
    space: triple(6),
    channels: size(3),
    filter: triple(3),
    strides: triple(3),
    pad: pads,
    shift: shifts,
    seed: size(1e6),
  })
  .filter(
    ({space, filter, strides, pad}) =>
      // tfjs counts negative paddings where a stride is larger than the window.
      filter.every((each, i) => strides[i] <= each) &&
      (pad === 'same' || filter.every((each, i) => each <= space[i])),
  );

function normal(shape: number[], seed: number, shift = 0): tf.Tensor {
  return tf.randomNormal(shape, shift, 1, 'float32', seed);
}

describe('on wasm, with memory that holds other things before,', () => {
  it('conv3d and its gradients are those of the cpu backend', () => {
    fc.assert(
      fc.property(windows, size(3), (window, filters) => {
        const {batch, space, channels, filter, strides, pad, seed} = window;
        expectSame(
          outcomes(
            (x, kernel) => tf.conv3d(x as tf.Tensor5D, kernel as tf.Tensor5D, strides, pad),
            () => [
              normal([batch, ...space, channels], seed),
              normal([...filter, channels, filters], seed + 1),
            ],
          ),
        );
      }),
      {numRuns: 60},
    );
  });

  it.each([
    [1, 'same', [2, 4, 5, 3]],
    [2, 'same', [2, 8, 10, 6]],
    [1, 'valid', [2, 5, 7, 4]],
    [2, 'valid', [2, 9, 12, 7]],
  ] as const)(
    'conv3dTranspose with stride %d, %s, predicts what cpu does',
    (stride, pad, [batch, ...out]) => {
      const space = [4, 5, 3];
      const compute = () => {
        const x = normal([2, ...space, 2], 1) as tf.Tensor5D;
        const kernel = normal([2, 3, 2, 3, 2], 2) as tf.Tensor5D;
        soilMemory();
        return [tf.conv3dTranspose(x, kernel, [batch, ...out, 3], stride, pad)];
      };
      const [expected] = valuesOn('cpu', compute);
      const [actual] = valuesOn('wasm', compute);
      expect(relativeError(actual, expected)).toBeLessThan(1e-5);
    },
  );

  it('maxPool and maxPool3d and their gradients are those of the cpu backend', () => {
    fc.assert(
      fc.property(windows, ({batch, space, channels, filter, strides, pad, shift, seed}) => {
        const side = Math.min(filter[1], filter[2]);
        const step = Math.min(side, strides[1]);
        expectSame(
          outcomes(
            // cpu's gradient is wrong where a window is not as wide as it is high.
            (x) =>
              tf.maxPool3d(
                x as tf.Tensor5D,
                [filter[0], side, side],
                [strides[0], step, step],
                pad,
              ),
            () => [normal([batch, ...space, channels], seed, shift)],
          ),
        );
        expectSame(
          outcomes(
            (x) =>
              tf.maxPool(x as tf.Tensor4D, [filter[1], filter[2]], [strides[1], strides[2]], pad),
            () => [normal([batch, space[1], space[2], channels], seed, shift)],
          ),
        );
      }),
      {numRuns: 100},
    );
  });

  it('the gradient of a window of equal elements goes where cpu puts it', () => {
    const zeros = () => [tf.relu(normal([2, 6, 6, 2], 3, -1))];
    expectSame(outcomes((x) => tf.maxPool(x as tf.Tensor4D, 2, 2, 'valid'), zeros));
    const deep = () => [tf.relu(normal([1, 4, 6, 6, 2], 3, -1))];
    expectSame(outcomes((x) => tf.maxPool3d(x as tf.Tensor5D, 2, 2, 'valid'), deep));
  });

  it('the gradient of a mean is that of the elements in it, at the borders too', () => {
    tf.setBackend('wasm');
    // It is linear: the gradient by each element is what a 1 there alone gives.
    fc.assert(
      fc.property(windows, ({space, filter, strides, pad}) => {
        const shape = [1, ...space, 1];
        const means = (x: tf.Tensor) => tf.avgPool3d(x as tf.Tensor5D, filter, strides, pad);
        const flat = (x: tf.Tensor) =>
          tf.avgPool(
            tf.reshape(x, [space[0], space[1], space[2], 1]) as tf.Tensor4D,
            [filter[1], filter[2]],
            [strides[1], strides[2]],
            pad,
          );
        for (const pool of [means, flat]) {
          const [gradient, expected] = valuesOn('wasm', () => {
            const dy = normal(pool(tf.zeros(shape)).shape, 3);
            const size = tf.util.sizeFromShape(shape);
            const ones = tf.unstack(tf.reshape(tf.eye(size), [size, ...shape]));
            const own = ones.map((one) => tf.sum(tf.mul(pool(one), dy)));
            return [tf.grad(pool)(tf.zeros(shape), dy), tf.stack(own)];
          });
          expect(relativeError(gradient, expected)).toBeLessThan(1e-5);
        }
      }),
      {numRuns: 30},
    );
  });

  it('the gradient of maxPool is what finite differences say', () => {
    tf.setBackend('wasm');
    const values = Float32Array.from({length: 16}, (_, i) => -1 - ((i * 7) % 16));
    const pooled = (x: tf.Tensor) =>
      tf.sum(tf.maxPool(tf.reshape(x, [1, 4, 4, 1]) as tf.Tensor4D, 2, 2, 'valid'));
    const gradient = tf.tidy(() => tf.grad(pooled)(tf.tensor1d(values)).dataSync());
    const differences = values.map((_, i) => {
      const at = (step: number) =>
        tf.tidy(
          () =>
            pooled(
              tf.tensor1d(values.map((value, j) => value + (i === j ? step : 0))),
            ).dataSync()[0],
        );
      return (at(0.25) - at(-0.25)) / 0.5;
    });
    expect([...gradient]).toEqual([...differences]);
  });
});

it('replaces wrong kernels once', () => {
  expect(registerTrainingKernels()).toEqual([]);
});

it('leaves no tensors behind', () => {
  tf.setBackend('wasm');
  const x = normal([1, 3, 4, 4, 2], 1) as tf.Tensor5D;
  const kernel = normal([2, 2, 2, 2, 2], 2) as tf.Tensor5D;
  const before = tf.memory().numTensors;
  tf.tidy(() => {
    const loss = (a: tf.Tensor, b: tf.Tensor) =>
      tf.sum(tf.maxPool3d(tf.conv3d(a as tf.Tensor5D, b as tf.Tensor5D, 1, 'same'), 2, 2, 'same'));
    tf.grads(loss)([x, kernel]);
  });
  expect(tf.memory().numTensors).toBe(before);
  tf.dispose([x, kernel]);
});
