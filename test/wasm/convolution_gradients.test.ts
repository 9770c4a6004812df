import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import '../../lib/wasm';
import {relativeError, startCpuAndWasm, valuesOn} from './on_backend';

startCpuAndWasm();

type Quad = [number, number, number, number];
type Pad = Parameters<typeof tf.conv2d>[3];

interface Convolution {
  inShape: Quad;
  filterShape: Quad;
  strides: [number, number];
  pad: Pad;
  seed: number;
}

const size = (max: number) => fc.integer({min: 1, max});

/** Convolutions whose output is not empty. A number as `pad` wants squares: tfjs takes its height for both. */
const convolutions: fc.Arbitrary<Convolution> = fc
  .record({
    inShape: fc.tuple(size(3), size(9), size(9), size(4)),
    filterSize: fc.tuple(size(4), size(4)),
    outChannels: size(4),
    strides: fc.tuple(size(3), size(3)),
    pad: fc.oneof(
      fc.constantFrom<Pad[]>('same', 'valid'),
      fc.integer({min: 0, max: 5}),
      fc
        .tuple(fc.nat(3), fc.nat(3), fc.nat(3), fc.nat(3))
        .map(([top, bottom, left, right]): Pad => [
          [0, 0],
          [top, bottom],
          [left, right],
          [0, 0],
        ]),
    ),
    seed: size(1e6), // tfjs takes 0 for no seed.
  })
  .map(({inShape, filterSize, outChannels, strides, pad, seed}): Convolution => {
    const square = typeof pad === 'number';
    const [filterHeight, filterWidth] = square ? [filterSize[0], filterSize[0]] : filterSize;
    return {
      inShape,
      filterShape: [filterHeight, filterWidth, inShape[3], outChannels],
      strides: square ? [strides[0], strides[0]] : strides,
      pad,
      seed,
    };
  })
  .filter(({inShape, filterShape, strides, pad}) => {
    const info = tf.backend_util.computeConv2DInfo(inShape, filterShape, strides, 1, pad);
    return info.outHeight > 0 && info.outWidth > 0;
  });

/** What is seldom drawn: windows in the padding only, a product of pixels, a rest that no window reads. */
const examples: [Convolution][] = [
  [{inShape: [1, 1, 1, 1], filterShape: [1, 1, 1, 1], strides: [3, 3], pad: 1, seed: 1}],
  [{inShape: [2, 3, 3, 4], filterShape: [1, 1, 4, 3], strides: [1, 1], pad: 'same', seed: 2}],
  [{inShape: [2, 8, 9, 2], filterShape: [1, 2, 2, 3], strides: [3, 2], pad: 'valid', seed: 3}],
];

/** The gradients by input and filter of the convolution, weighted by a random `dy`. */
function gradients(
  convolve: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor4D,
  {inShape, filterShape, seed}: Convolution,
): tf.Tensor[] {
  const x = tf.randomNormal(inShape, 0, 1, 'float32', seed);
  const filter = tf.randomNormal(filterShape, 0, 1, 'float32', seed + 1);
  const dy = tf.randomNormal(
    convolve(x as tf.Tensor4D, filter as tf.Tensor4D).shape,
    0,
    1,
    'float32',
    seed + 2,
  );
  return tf.grads((...inputs: tf.Tensor[]) =>
    convolve(inputs[0] as tf.Tensor4D, inputs[1] as tf.Tensor4D),
  )([x, filter], dy);
}

describe('the gradients of', () => {
  it.each([
    ['conv2d', tf.conv2d],
    ['depthwiseConv2d', tf.depthwiseConv2d],
  ])('%s are those of the cpu backend', (_name, convolve) => {
    fc.assert(
      fc.property(convolutions, (convolution) => {
        const {strides, pad} = convolution;
        const compute = () =>
          gradients((x, filter) => convolve(x, filter, strides, pad), convolution);
        const [dx, dFilter] = valuesOn('cpu', compute);
        const [wasmDx, wasmDFilter] = valuesOn('wasm', compute);
        expect(relativeError(wasmDx, dx)).toBeLessThan(1e-5);
        expect(relativeError(wasmDFilter, dFilter)).toBeLessThan(1e-5);
      }),
      {numRuns: 200, examples},
    );
  });
});
