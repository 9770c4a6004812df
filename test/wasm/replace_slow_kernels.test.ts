import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

import {PruningError} from '../../lib/base/errors';
import {replaceSlowKernels} from '../../lib/wasm';
import {relativeError, startCpuAndWasm, valuesOn} from './on_backend';

startCpuAndWasm();

const size = (max: number) => fc.integer({min: 1, max});

it('says that the backend is missing', () => {
  const own = tf.getKernel('BatchMatMul', 'wasm');
  tf.unregisterKernel('BatchMatMul', 'wasm');
  expect(() => replaceSlowKernels()).toThrow(PruningError);
  tf.registerKernel(own);
});

it('names what it has replaced, once', () => {
  expect(replaceSlowKernels()).toEqual(['BatchMatMul', 'Conv2DBackpropInput']);
  expect(replaceSlowKernels()).toEqual([]);
});

it('multiplies like cpu, whatever is transposed', () => {
  const products = fc.record({
    batches: fc.constantFrom(
      [[], []],
      [[2], [2]],
      [[1], [3]],
      [
        [2, 1],
        [1, 2],
      ],
    ),
    sides: fc.tuple(size(6), size(6), size(6)),
    transposeA: fc.boolean(),
    transposeB: fc.boolean(),
    seed: size(1e6),
  });
  fc.assert(
    fc.property(products, ({batches, sides, transposeA, transposeB, seed}) => {
      const [m, k, n] = sides;
      const multiply = () => {
        const a = tf.randomNormal(
          [...batches[0], ...(transposeA ? [k, m] : [m, k])],
          0,
          1,
          'float32',
          seed,
        );
        const b = tf.randomNormal(
          [...batches[1], ...(transposeB ? [n, k] : [k, n])],
          0,
          1,
          'float32',
          seed + 1,
        );
        return [tf.matMul(a, b, transposeA, transposeB)];
      };
      const [wasm] = valuesOn('wasm', multiply);
      const [cpu] = valuesOn('cpu', multiply);
      expect(relativeError(wasm, cpu)).toBeLessThan(1e-5);
    }),
    {numRuns: 80},
  );
});

it("gives cpu's gradient of a convolution by its input", () => {
  const convolutions = fc.record({
    shape: fc.tuple(size(2), size(9), size(9), size(4)),
    filter: fc.tuple(size(4), size(4), size(4)),
    strides: fc.tuple(size(3), size(3)),
    pad: fc.constantFrom<'same' | 'valid'>('same', 'valid'),
    seed: size(1e6),
  });
  fc.assert(
    fc.property(convolutions, ({shape, filter: [height, width, channels], strides, pad, seed}) => {
      fc.pre(pad === 'same' || (height <= shape[1] && width <= shape[2]));
      const differentiate = () => {
        const x: tf.Tensor4D = tf.randomNormal(shape, 0, 1, 'float32', seed);
        const filter: tf.Tensor4D = tf.randomNormal(
          [height, width, shape[3], channels],
          0,
          1,
          'float32',
          seed + 1,
        );
        const convolve = (input: tf.Tensor) =>
          tf.conv2d(input as tf.Tensor4D, filter, strides, pad);
        const dy = tf.randomNormal(convolve(x).shape, 0, 1, 'float32', seed + 2);
        return [tf.grad(convolve)(x, dy)];
      };
      const [wasm] = valuesOn('wasm', differentiate);
      const [cpu] = valuesOn('cpu', differentiate);
      expect(relativeError(wasm, cpu)).toBeLessThan(1e-5);
    }),
    {numRuns: 80},
  );
});

it('leaves no tensor behind', () => {
  tf.setBackend('wasm');
  const before = tf.memory().numTensors;
  tf.tidy(() => void tf.matMul(tf.ones([3, 2]), tf.ones([3, 4]), true));
  expect(tf.memory().numTensors).toBe(before);
});
