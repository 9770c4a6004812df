import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

import '../../lib/wasm';
import {soilMemory, startCpuAndWasm} from './on_backend';

startCpuAndWasm();

/** Types, shapes and values on both backends. */
function expectEqual(compute: () => tf.Tensor | tf.Tensor[]): void {
  const on = (backend: string) => {
    tf.setBackend(backend);
    const soil = backend === 'wasm' ? soilMemory : () => {};
    return tf.tidy(() => {
      soil();
      const outcomes = [compute()].flat();
      soil();
      const told = outcomes.map((y) => ({
        dtype: y.dtype,
        shape: y.shape,
        // Without the sign of zeros.
        values: [...y.dataSync()].map((value) => value + 0),
      }));
      return told as unknown as void;
    }) as unknown;
  };
  expect(on('wasm')).toEqual(on('cpu'));
}
const TYPES = ['float32', 'int32', 'bool'] as const;
type Type = (typeof TYPES)[number];
const types = fc.constantFrom(...TYPES);
const upTo = (max: number) => fc.integer({min: 1, max});
const some = (shape: number[], type: Type, seed = 0): tf.Tensor => {
  const of = {
    float32: (i: number) => (((i * 7 + seed) % 11) - 3) / 2,
    int32: (i: number) => ((i * 7 + seed) % 9) - 3,
    bool: (i: number) => Number((i * 7 + seed) % 3 === 0),
  }[type];
  return tf.tensor(
    Array.from({length: tf.util.sizeFromShape(shape)}, (_, i) => of(i)),
    shape,
    type,
  );
};

it('oneHot writes the type that it is asked for', () => {
  tf.setBackend('wasm');
  const hot = tf.oneHot(tf.tensor1d([1, 0], 'int32'), 3, 1, 0, 'float32');
  expect(hot.dtype).toBe('float32');
  expect(hot.arraySync()).toEqual([
    [0, 1, 0],
    [1, 0, 0],
  ]);
  hot.dispose();
  fc.assert(
    fc.property(
      types,
      fc.integer({min: 2, max: 5}),
      fc.constantFrom([1, 0], [5, -2], [0.9, 0.05]),
      (...given) => {
        const [type, depth, [on, off]] = given;
        fc.pre(type !== 'bool' || on === 1);
        const indices = () => tf.tensor2d([0, 2, -1, 7, 1, 4], [2, 3], 'int32');
        expectEqual(() => tf.oneHot(indices(), depth, on, off, type as 'int32'));
      },
    ),
    {numRuns: 30},
  );
});

it('cast to bool gives whether an element is other than zero', () => {
  const numbers = [-1, 0, 0.5, 256, -0.25, 1, NaN];
  expectEqual(() => tf.cast(tf.tensor1d(numbers), 'bool'));
  expectEqual(() => tf.cast(tf.tensor1d([-1, 0, 2, 256], 'int32'), 'bool'));
  TYPES.forEach((from) =>
    TYPES.forEach((to) => {
      expectEqual(() => tf.cast(tf.cast(some([3, 4], from), to), 'float32'));
    }),
  );
});

it('where chooses among all types, and among rows', () => {
  fc.assert(
    fc.property(types, types, fc.boolean(), upTo(3), (t, e, isOfRows, columns) => {
      const shape = [4, columns];
      const condition = () => some(isOfRows ? [4, 1] : shape, 'bool', 1);
      expectEqual(() => tf.where(condition(), some(shape, t), some(shape, e, 3)));
      expectEqual(() => tf.where(condition(), some(shape, t), some([], e, 3)));
    }),
    {numRuns: 50},
  );
  // A condition of one axis, which cpu gets wrong: rows.
  tf.setBackend('wasm');
  const rows = tf.tidy(() => {
    const condition = tf.tensor1d([1, 0], 'bool');
    const [t, e] = [tf.tensor2d([1, 2, 3, 4], [2, 2], 'int32'), tf.fill([2, 2], 0.5)];
    const chosen = tf.engine().runKernel('Select', {condition, t, e}) as tf.Tensor;
    return chosen.arraySync() as unknown as void;
  }) as unknown;
  expect(rows).toEqual([
    [1, 2],
    [0.5, 0.5],
  ]);
});

it('gather keeps to the indices of its batch', () => {
  fc.assert(
    fc.property(
      types,
      fc.record({batches: upTo(4), outer: upTo(3), n: upTo(5), inner: upTo(3), picked: upTo(5)}),
      fc.boolean(),
      (type, {batches, outer, n, inner, picked}, isSecond) => {
        const indices = () =>
          tf.tensor2d(
            Array.from({length: batches * picked}, (_, i) => (i * 5 + 2) % n),
            [batches, picked],
            'int32',
          );
        const x = () => some(isSecond ? [batches, outer, n, inner] : [batches, n, inner], type);
        expectEqual(() => tf.gather(x(), indices(), isSecond ? 2 : 1, 1));
      },
    ),
    {numRuns: 50},
  );
  expectEqual(() =>
    tf.gather(some([2, 3, 4], 'float32'), tf.cast(some([2, 3, 2], 'bool'), 'int32'), 2, 2),
  );
});

it('stridedSlice keeps the type', () => {
  const stride = fc.constantFrom(-2, -1, 1, 2);
  fc.assert(
    fc.property(types, fc.tuple(stride, stride, stride), (type, strides) => {
      const begin = strides.map((each) => (each < 0 ? 4 : 1));
      const end = strides.map((each) => (each < 0 ? 0 : 5));
      expectEqual(() => tf.stridedSlice(some([5, 6, 5], type), begin, end, strides));
      // tfjs refuses a plain slice that ends before it begins.
      fc.pre(strides.some((each) => each !== 1));
      expectEqual(() => tf.stridedSlice(some([5, 6, 5], type), end, begin, strides));
    }),
    {numRuns: 40},
  );
  // Of the second axis the element 2 alone, and no axis is left of it: wrong on cpu.
  tf.setBackend('wasm');
  for (const type of ['float32', 'int32'] as const) {
    const taken = tf.tidy(() => {
      const x = tf.reshape(tf.range(0, 150, 1, type), [5, 6, 5]);
      const y = tf.stridedSlice(x, [4, 2, 4], [0, 3, 0], [-2, 1, -2], 0, 0, 0, 0, 2);
      return [y.dtype, y.arraySync()] as unknown as void;
    }) as unknown;
    expect(taken).toEqual([
      type,
      [
        [134, 132],
        [74, 72],
      ],
    ]);
  }
});

it.each([
  [0, 1],
  [-0.5, 1.5],
  [-1.5, -0.5],
  [0.5, 0.75],
  [-Infinity, 2],
  [0, Infinity],
])('clipByValue of integers between %d and %d', (least, most) => {
  expectEqual(() => tf.clipByValue(some([3, 4], 'int32'), least, most));
  expectEqual(() => tf.clipByValue(some([3, 4], 'float32'), least, most));
});

it.each(TYPES)('%s elements', (type) => {
  const x = () => some([2, 3, 4], type);
  expectEqual(() => [tf.isNaN(x()), tf.isFinite(x()), tf.isInf(x())]);
  expectEqual(() => TYPES.map((other) => tf.prelu(x(), some([4], other, 2))));
  expectEqual(() => [tf.reverse(x()), tf.reverse(x(), 1), tf.reverse(x(), [0, 2])]);
  if (type === 'bool') {
    return;
  }
  const images = () => some([2, 3, 4, 2], type) as tf.Tensor4D;
  expectEqual(() =>
    [false, true].map((isAligned) => tf.image.resizeNearestNeighbor(images(), [5, 3], isAligned)),
  );
});

it('leave no tensors behind', () => {
  tf.setBackend('wasm');
  const before = tf.memory().numTensors;
  const idsBefore = tf.engine().backend.numDataIds();
  tf.tidy(() => {
    tf.oneHot(tf.tensor1d([1, 0], 'int32'), 3, 1, 0, 'float32' as 'int32');
    tf.cast(tf.tensor1d([1, 0.5]), 'bool');
    tf.where(some([3, 4], 'bool'), some([3, 4], 'int32'), some([3, 4], 'float32'));
    tf.gather(some([3, 4], 'int32'), tf.cast(some([3, 2], 'bool'), 'int32'), 1, 1);
    tf.stridedSlice(some([5, 6], 'int32'), [4, 1], [0, 5], [-1, 2]);
    tf.clipByValue(some([3], 'int32'), 0, 1);
    tf.isNaN(some([3], 'int32'));
    tf.prelu(some([3], 'int32'), some([3], 'int32'));
    tf.image.resizeNearestNeighbor(some([2, 3, 4, 2], 'int32') as tf.Tensor4D, [5, 3]);
    tf.reverse(some([3, 4], 'bool'));
  });
  expect(tf.memory().numTensors).toBe(before);
  expect(tf.engine().backend.numDataIds()).toBe(idsBefore);
});
