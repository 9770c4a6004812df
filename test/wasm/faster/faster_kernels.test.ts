import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

import {overrideKernel} from '../../../lib/kernels/override_kernel';
import {FASTER_KERNELS} from '../../../lib/wasm/faster/faster_kernels';
import {gather} from '../../../lib/wasm/faster/gather';
import {activations, normal, size, startSession} from '../../kernels/sparse/on_wasm';

const session = startSession();

/** What `compute` gives with tfjs's own kernels, and with those of this library. */
function both(compute: () => tf.Tensor): {own: Float32Array; faster: Float32Array} {
  const kernels = FASTER_KERNELS.map(([name]) => tf.getKernel(name, 'wasm'));
  const values = () => tf.tidy(() => compute().dataSync<'float32'>());
  const own = values();
  FASTER_KERNELS.forEach(([name, kernel]) => overrideKernel(name, kernel));
  const faster = values();
  for (const kernel of kernels) {
    tf.unregisterKernel(kernel.kernelName, 'wasm');
    tf.registerKernel(kernel);
  }
  return {own, faster};
}

it('gives the batch normalization of tfjs to the bit', () => {
  const normalizations = fc.record({
    shape: fc.oneof(fc.tuple(size(3), size(5), size(5), size(19)), fc.tuple(size(9), size(33))),
    hasOffset: fc.boolean(),
    hasScale: fc.boolean(),
    seed: size(1e6),
  });
  const spy = jest.spyOn(session().kernels, 'batchNorm');
  fc.assert(
    fc.property(normalizations, ({shape, hasOffset, hasScale, seed}) => {
      const channels = shape.slice(-1) as [number];
      spy.mockClear();
      const {own, faster} = both(() =>
        tf.batchNorm(
          normal(shape as [number, number], seed),
          normal<tf.Rank.R1>(channels, seed + 1),
          tf.abs(normal<tf.Rank.R1>(channels, seed + 2)),
          hasOffset ? normal<tf.Rank.R1>(channels, seed + 3) : undefined,
          hasScale ? normal<tf.Rank.R1>(channels, seed + 4) : undefined,
        ),
      );
      expect(faster).toEqual(own);
      expect(spy).toHaveBeenCalledTimes(1);
    }),
  );
});

it('leaves other normalizations to tfjs', () => {
  const {own, faster} = both(() =>
    tf.batchNorm(normal([3, 4], 1), normal([3, 4], 2), tf.ones([3, 4])),
  );
  expect(faster).toEqual(own);
});

it('clips as tfjs does', () => {
  const values = [NaN, -0, 0, -1, 1, 2, -3, 7, 6, Infinity, -Infinity, 0.5, 5];
  for (const [low, high] of [
    [0, 6],
    [-1, 1],
    [-Infinity, Infinity],
  ]) {
    const {own, faster} = both(() => tf.clipByValue(tf.tensor1d(values), low, high));
    expect(faster).toEqual(own);
  }
  const {own, faster} = both(() => tf.clipByValue(tf.tensor1d([1, 2, 3], 'int32'), 2, 2));
  expect(faster).toEqual(own);
});

it('gives the depthwise convolution of tfjs to the bit', () => {
  const convolutions = fc
    .record({
      shape: fc.tuple(size(2), size(20), size(20), fc.constantFrom(4, 8, 20)),
      stride: size(3),
      pad: fc.constantFrom('same' as const, 'valid' as const),
      activation: fc.oneof(activations, fc.constant('elu' as const)),
      hasBias: fc.boolean(),
      seed: size(1e6),
    })
    .filter(({shape, pad}) => pad === 'same' || (shape[1] > 2 && shape[2] > 2));
  fc.assert(
    fc.property(convolutions, ({shape, stride, pad, activation, hasBias, seed}) => {
      const {own, faster} = both(() =>
        tf.fused.depthwiseConv2d({
          x: normal<tf.Rank.R4>(shape, seed),
          filter: normal<tf.Rank.R4>([3, 3, shape[3], 1], seed + 1),
          bias: hasBias ? normal<tf.Rank.R1>([shape[3]], seed + 2) : undefined,
          strides: stride,
          pad,
          activation,
        }),
      );
      expect(faster).toEqual(own);
    }),
    {numRuns: 200},
  );
});

it('gathers rows as tfjs does', () => {
  const gathers = fc
    .record({
      shape: fc.array(size(6), {minLength: 1, maxLength: 4}),
      axis: fc.nat(3),
      picked: fc.array(fc.nat(1e6), {minLength: 1, maxLength: 8}),
      seed: size(1e6),
    })
    .filter(({shape, axis}) => axis < shape.length);
  const copy = jest.spyOn(session(), 'copy');
  fc.assert(
    fc.property(gathers, ({shape, axis, picked, seed}) => {
      const x = normal<tf.Rank>(shape as [number], seed);
      const indices = picked.map((index) => index % shape[axis]);
      const flat = both(() => tf.gather(x, tf.tensor1d(indices, 'int32'), axis));
      expect(flat.faster).toEqual(flat.own);
      const folded = both(() =>
        tf.gather(x, tf.tensor3d(indices, [1, indices.length, 1], 'int32'), axis),
      );
      expect(folded.faster).toEqual(folded.own);
    }),
    {examples: [[{shape: [2, 3, 4], axis: 1, picked: [2, 0, 2], seed: 1}]]},
  );
  expect(copy).toHaveBeenCalled();
  copy.mockRestore();
});

it('leaves other gathers to tfjs', () => {
  const rows = () => normal<tf.Rank.R3>([2, 3, 4], 1);
  for (const compute of [
    () => tf.gather(tf.cast(rows(), 'int32'), tf.tensor1d([1, 0], 'int32')),
    () => tf.gather(rows(), tf.tensor1d([], 'int32')),
  ]) {
    const {own, faster} = both(compute);
    expect(faster).toEqual(own);
  }
  // tfjs-wasm leaves what it gathers by batches partly unset: there is nothing to compare with.
  const copy = jest.spyOn(session(), 'copy');
  both(() => tf.gather(rows(), tf.tensor2d([[0], [2]], [2, 1], 'int32'), 1, 1));
  expect(copy).not.toHaveBeenCalled();
  copy.mockRestore();
  const own = tf.getKernel(tf.GatherV2, 'wasm');
  overrideKernel(tf.GatherV2, gather);
  for (const index of [-1, 2, 2 ** 31 - 1]) {
    expect(() => tf.gather(rows(), tf.tensor1d([0, index], 'int32'))).toThrow('not in [0, 1]');
  }
  tf.unregisterKernel(tf.GatherV2, 'wasm');
  tf.registerKernel(own);
});

it('tiles as tfjs does', () => {
  const tilings = fc.array(fc.record({size: fc.constantFrom(1, 1, 3), times: size(4)}), {
    minLength: 1,
    maxLength: 4,
  });
  const copy = jest.spyOn(session(), 'copy');
  fc.assert(
    fc.property(tilings, size(1e6), (axes, seed) => {
      const x = normal<tf.Rank>(axes.map((axis) => axis.size) as [number], seed);
      const {own, faster} = both(() =>
        tf.tile(
          x,
          axes.map(({times}) => times),
        ),
      );
      expect(faster).toEqual(own);
    }),
    {
      examples: [
        [
          [
            {size: 1, times: 4},
            {size: 3, times: 1},
          ],
          1,
        ],
      ],
    },
  );
  expect(copy).toHaveBeenCalled();
  copy.mockRestore();
});

it('sums and averages over neighboring axes to the bit', () => {
  const sums = fc.record({
    shape: fc.array(size(7), {minLength: 1, maxLength: 4}),
    last: size(40),
    axes: fc.tuple(fc.nat(4), fc.nat(4)),
    keepDims: fc.boolean(),
    seed: size(1e6),
  });
  const sumRows = jest.spyOn(session().kernels, 'sumRows');
  fc.assert(
    fc.property(sums, ({shape, last, axes, keepDims, seed}) => {
      const whole = [...shape, last];
      const [first, end] = axes.map((axis) => axis % (shape.length + 1)).sort();
      const over = whole.map((_size, axis) => axis).slice(first, end + 1);
      for (const reduce of [tf.sum, tf.mean]) {
        const {own, faster} = both(() =>
          reduce(normal<tf.Rank>(whole as [number], seed), over, keepDims),
        );
        expect(faster).toEqual(own);
      }
      const {shape: kept} = tf.tidy(() => tf.sum(tf.zeros(whole), over, keepDims));
      expect(kept).toEqual(
        whole.flatMap((size, axis) => (!over.includes(axis) ? [size] : keepDims ? [1] : [])),
      );
    }),
  );
  expect(sumRows).toHaveBeenCalled();
  sumRows.mockRestore();
});

it('shares the data of an identity', () => {
  const {own, faster} = both(() => {
    const x = normal<tf.Rank.R2>([3, 4], 1);
    const copies = [tf.clone(x), tf.transpose(x, [0, 1]), tf.transpose(x)];
    x.dispose();
    return tf.concat(copies.map((copy) => tf.reshape(copy, [-1])));
  });
  expect(faster).toEqual(own);
  const before = tf.backend().numDataIds();
  both(() => tf.clone(tf.zeros([2])));
  expect(tf.backend().numDataIds()).toBe(before);
});

it('adds as tfjs does, equal shapes with a kernel of its own', () => {
  const addAll = jest.spyOn(session().kernels, 'addAll');
  const shapes = fc.array(size(5), {minLength: 1, maxLength: 4});
  fc.assert(
    fc.property(shapes, size(1e6), (shape, seed) => {
      addAll.mockClear();
      const [a, b] = [seed, seed + 1].map((each) => normal(shape as [number], each));
      const {own, faster} = both(() => tf.add(a, b));
      expect(faster).toEqual(own);
      expect(addAll).toHaveBeenCalledTimes(1);
    }),
  );
  addAll.mockClear();
  const others: ReadonlyArray<readonly [tf.Tensor, tf.Tensor]> = [
    [normal([3, 4], 1), normal([4], 2)],
    [normal([2, 1], 1), normal([1, 2], 2)],
    [tf.tensor1d([1, 2], 'int32'), tf.tensor1d([3, 4], 'int32')],
  ];
  for (const [a, b] of others) {
    const {own, faster} = both(() => tf.add(a, b));
    expect(faster).toEqual(own);
  }
  expect(addAll).not.toHaveBeenCalled();
});

it('slices as tfjs does, whole tensors without a copy', () => {
  const copy = jest.spyOn(session(), 'copy');
  const axes = fc.array(fc.record({length: size(5), from: fc.nat(4), count: fc.nat(5)}), {
    minLength: 1,
    maxLength: 4,
  });
  fc.assert(
    fc.property(axes, size(1e6), (given, seed) => {
      const x = normal(given.map(({length}) => length) as [number], seed);
      const begin = given.map(({length, from}) => from % length);
      const counts = given.map(({length, count}, i) => Math.min(count, length - begin[i]));
      const {own, faster} = both(() => tf.slice(x, begin, counts));
      expect(faster).toEqual(own);
    }),
    {numRuns: 300},
  );
  copy.mockClear();
  const x = normal([4, 3], 1);
  expect(both(() => tf.slice(x, [1, 0], [2, 3])).faster).toEqual(x.dataSync().subarray(3, 9));
  expect(copy).toHaveBeenCalledTimes(1);
  expect(both(() => tf.slice(x, 0)).faster).toEqual(x.dataSync());
  expect(copy).toHaveBeenCalledTimes(1);
  const words = tf.tensor1d(['a', 'b', 'c']);
  expect(tf.slice(words, 1).dataSync()).toEqual(['b', 'c']);
});
