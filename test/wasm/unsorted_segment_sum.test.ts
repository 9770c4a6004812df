import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import '../../lib/wasm';
import {relativeError, startCpuAndWasm, valuesOn} from './on_backend';

startCpuAndWasm();

describe('unsortedSegmentSum', () => {
  it('sums the rows of each segment and leaves out ids that are none', () => {
    const [sums] = valuesOn('wasm', () => [
      tf.unsortedSegmentSum(
        [
          [1, 2],
          [3, 4],
          [5, 6],
          [7, 8],
          [9, 10],
        ],
        tf.tensor1d([2, -5, 0, 2, 9], 'int32'),
        3,
      ),
    ]);
    expect([...sums]).toEqual([5, 6, 0, 0, 8, 10]);
  });

  it('gives gather and its axes the gradients of the cpu backend', () => {
    const gathers = fc
      .record({
        shape: fc.array(fc.integer({min: 1, max: 5}), {minLength: 1, maxLength: 3}),
        axis: fc.nat(2),
        picks: fc.array(fc.nat(4), {minLength: 1, maxLength: 8}),
        seed: fc.integer({min: 1, max: 1e6}),
      })
      .filter(({shape, axis}) => axis < shape.length);
    fc.assert(
      fc.property(gathers, ({shape, axis, picks, seed}) => {
        const indices = picks.map((pick) => pick % shape[axis]);
        const gather = (x: tf.Tensor) => tf.gather(x, tf.tensor1d(indices, 'int32'), axis);
        const compute = () => {
          const x = tf.randomNormal(shape, 0, 1, 'float32', seed);
          const dy = tf.randomNormal(gather(x).shape, 0, 1, 'float32', seed + 1);
          return [tf.grad(gather)(x, dy)];
        };
        const [expected] = valuesOn('cpu', compute);
        const [actual] = valuesOn('wasm', compute);
        expect(relativeError(actual, expected)).toBeLessThan(1e-5);
      }),
    );
  });
});
