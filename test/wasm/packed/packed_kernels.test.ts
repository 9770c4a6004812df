import '@tensorflow/tfjs-layers'; // Registers the gradients of the ops.
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

import {trainingKernels} from '../../../lib/kernels/training_kernels';
import {replaceSlowKernels} from '../../../lib/wasm';
import {normal, size, startSession} from '../../kernels/sparse/on_wasm';
import {relativeError} from '../on_backend';

const session = startSession();
let own: tf.KernelConfig;
beforeAll(() => {
  own = tf.getKernel('BatchMatMul', 'wasm');
  replaceSlowKernels();
});

it('multiplies large matrices like XNNPACK, to the bit', () => {
  const sides = fc.tuple(size(80, 16), size(300), size(40));
  const gemm = jest.spyOn(trainingKernels(session()), 'gemm');
  fc.assert(
    fc.property(sides, size(1e6), ([rows, depth, columns], seed) => {
      tf.tidy(() => {
        const a = normal<tf.Rank.R2>([rows, depth], seed);
        const b = normal<tf.Rank.R2>([depth, columns], seed + 1);
        const attrs = {transposeA: false, transposeB: false};
        const args = {inputs: {a, b}, attrs, backend: tf.backend()};
        const {dataId} = own.kernelFunc(args as never) as tf.TensorInfo;
        const expected = tf.engine().makeTensorFromDataId(dataId, [rows, columns], 'float32');
        expect(tf.matMul(a, b).dataSync()).toEqual(expected.dataSync());
      });
    }),
    {numRuns: 30, examples: [[[64, 257, 513], 1]]},
  );
  expect(gemm).toHaveBeenCalled();
  gemm.mockRestore();
});

it('multiplies transposed matrices of more than a tile', () => {
  const gemm = jest.spyOn(trainingKernels(session()), 'gemm');
  for (const [transposeA, transposeB] of [
    [true, false],
    [false, true],
    [true, true],
  ]) {
    tf.tidy(() => {
      const a = normal<tf.Rank.R2>([70, 300], 1);
      const b = normal<tf.Rank.R2>([300, 530], 2);
      const product = tf.matMul(
        transposeA ? tf.transpose(a) : a,
        transposeB ? tf.transpose(b) : b,
        transposeA,
        transposeB,
      );
      const expected = tf.matMul(a, b).dataSync<'float32'>();
      expect(relativeError(product.dataSync<'float32'>(), expected)).toBeLessThan(1e-6);
    });
  }
  expect(gemm).toHaveBeenCalledTimes(6);
  gemm.mockRestore();
});

it('uses packed products for both gradients of a convolution', () => {
  const kernels = trainingKernels(session());
  const spies = (['windows', 'addWindows'] as const).map((name) => jest.spyOn(kernels, name));
  tf.tidy(() => {
    const x = normal<tf.Rank.R4>([2, 6, 6, 3], 1);
    const filter = normal<tf.Rank.R4>([3, 3, 3, 4], 2);
    tf.grads((...[image, w]: tf.Tensor[]) =>
      tf.conv2d(image as tf.Tensor4D, w as tf.Tensor4D, 1, 'same'),
    )([x, filter]);
  });
  spies.forEach((spy) => expect(spy).toHaveBeenCalledTimes(2));
  spies.forEach((spy) => spy.mockRestore());
});
