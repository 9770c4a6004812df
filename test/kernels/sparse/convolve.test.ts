import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

import {convolutionForm, convolve, formWith} from '../../../lib/kernels/sparse/convolve';
import {sparseWeightsOf} from '../../../lib/kernels/sparse/registry';
import {activations, blocks, normal, size, sparseValues, startSession} from './on_wasm';

const session = startSession();

type Pad = Parameters<typeof tf.conv2d>[3];
const padding = fc.nat(3);

const convolutions = fc
  .record({
    shape: fc.tuple(size(3), size(17), size(17), size(9)),
    filter: fc.tuple(size(5), size(5)),
    outputs: size(5),
    block: blocks,
    strides: fc.tuple(size(3), size(3)),
    pad: fc.oneof(
      fc.constantFrom<Pad[]>('same', 'valid'),
      fc.tuple(padding, padding, padding, padding).map(([top, bottom, left, right]): Pad => [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ]),
    ),
    sparsity: fc.constantFrom(0, 0.5, 0.9, 1),
    activation: activations,
    hasBias: fc.boolean(),
    seed: size(1e6),
  })
  .filter(({shape, filter, outputs, block, strides, pad}) => {
    const filterShape: [number, number, number, number] = [...filter, shape[3], 1];
    const info = tf.backend_util.computeConv2DInfo(shape, filterShape, strides, 1, pad);
    // tfjs's kernel gives zeros where a stride skips more than the filter's side.
    const isSkipping = pad === 'same' && strides.some((stride, i) => stride > filter[i]);
    // It takes one channel to one for a depthwise convolution, which adds in another order.
    const isDepthwise = shape[3] === 1 && outputs * block === 1;
    return info.outHeight > 0 && info.outWidth > 0 && !isSkipping && !isDepthwise;
  });

it('leaves a convolution of one channel to one to tfjs', () => {
  const w = tf.zeros<tf.Rank.R4>([3, 3, 1, 1]);
  const weights = sparseWeightsOf(session());
  const weight = weights.hold(w.dataId);
  const info = tf.backend_util.computeConv2DInfo([1, 64, 64, 1], [3, 3, 1, 1], 1, 1, 'same');
  expect(convolutionForm(weight, info)).toBeUndefined();
  weights.release(w.dataId, weight);
  w.dispose();
});

it("gives tfjs's convolution to the bit", () => {
  fc.assert(
    fc.property(convolutions, (convolution) => {
      const {shape, filter, block, strides, pad, sparsity, activation, hasBias, seed} = convolution;
      const outputs = convolution.outputs * block;
      const inputs = filter[0] * filter[1] * shape[3];
      tf.tidy(() => {
        const w = tf.tensor4d(
          sparseValues(inputs, outputs, sparsity, block === 4 ? 2 : block, seed),
          [...filter, shape[3], outputs],
        );
        const x = normal<tf.Rank.R4>(shape, seed + 1);
        const bias = hasBias ? normal<tf.Rank.R1>([outputs], seed + 2) : undefined;
        const dense = tf.fused.conv2d({x, filter: w, strides, pad, bias, activation});
        const y = tf.fill(dense.shape, NaN);
        const info = tf.backend_util.computeConv2DInfo(shape, w.shape, strides, 1, pad);
        const weights = sparseWeightsOf(session());
        const weight = weights.hold(w.dataId);
        convolve(session(), weight, info, formWith(weight, info, block), {
          x: session().addressOf(x),
          bias: bias ? session().addressOf(bias) : session().zerosOf(outputs),
          limits: session().limitsOf(activation),
          y: session().addressOf(y),
        });
        weights.release(w.dataId, weight);
        expect(y.dataSync()).toEqual(dense.dataSync());
      });
    }),
    {numRuns: 500},
  );
});
