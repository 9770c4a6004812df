import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

import {multiply, sharedForm} from '../../../lib/kernels/sparse/multiply';
import {sparseWeightsOf} from '../../../lib/kernels/sparse/registry';
import {relativeError} from '../../wasm/on_backend';
import {activations, blocks, normal, size, sparseValues, startSession} from './on_wasm';

const session = startSession();

const products = fc
  .record({
    rows: size(120),
    inputs: size(90),
    outputs: size(12),
    block: blocks,
    sparsity: fc.constantFrom(0, 0.3, 0.7, 0.95, 1),
    transposed: fc.boolean(),
    activation: activations,
    hasBias: fc.boolean(),
    exact: fc.boolean(),
    seed: size(1e6),
  })
  .map((product) => ({...product, outputs: product.outputs * product.block}));

type Case = typeof products extends fc.Arbitrary<infer T> ? T : never;

/** The result of tfjs's kernel and that of the sparse one. */
function both(product: Case): {dense: Float32Array; sparse: Float32Array} {
  const {rows, inputs, outputs, block, sparsity, transposed, activation, exact, seed} = product;
  return tf.tidy(() => {
    const values = tf.tensor2d(
      sparseValues(inputs, outputs, sparsity, block === 4 ? 2 : block, seed),
      [inputs, outputs],
    );
    const b = transposed ? tf.transpose(values) : values;
    const a = normal<tf.Rank.R2>([rows, inputs], seed + 1);
    const bias = product.hasBias ? normal<tf.Rank.R1>([outputs], seed + 2) : undefined;
    // With `transposeB` tfjs's own kernel takes the bias of another row.
    const dense = tf.fused.matMul({a, b: values, bias, activation});
    const y = tf.ones([rows, outputs]);
    const weights = sparseWeightsOf(session());
    const weight = weights.hold(b.dataId);
    const alone = !exact && rows < 4;
    const form = sharedForm(weight, {inputs, outputs, transposed}, block, alone);
    multiply(session(), weight, form, {
      x: session().addressOf(a),
      rows,
      bias: bias ? session().addressOf(bias) : session().zerosOf(outputs),
      limits: session().limitsOf(activation),
      y: session().addressOf(y),
    });
    weights.release(b.dataId, weight);
    return {dense: dense.dataSync<'float32'>(), sparse: y.dataSync<'float32'>()};
  });
}

it("gives tfjs's product to the bit", () => {
  fc.assert(
    fc.property(products, (product) => {
      fc.pre(product.exact || product.rows >= 4);
      const {dense, sparse} = both(product);
      expect(sparse).toEqual(dense);
    }),
    {numRuns: 300},
  );
});

it('gives single rows to 1e-5', () => {
  fc.assert(
    fc.property(products, size(3), (product, rows) => {
      fc.pre(product.block !== 2); // No such kernel.
      const {dense, sparse} = both({...product, rows, exact: false});
      expect(relativeError(sparse, dense)).toBeLessThan(1e-5);
    }),
    {numRuns: 300},
  );
});
