import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

import {openSession, type KernelSession} from '../../../lib/kernels/session';
import type {BlockSize} from '../../../lib/kernels/sparse/matrix';
import {random} from '../../setup/models';

/** Starts wasm before the tests of a file, restores the backend after them, and gives the session. */
export function startSession(): () => KernelSession {
  let previous: string;
  let session: KernelSession;
  beforeAll(async () => {
    previous = tf.getBackend();
    if (!(await tf.setBackend('wasm'))) {
      throw new Error('wasm could not be started.');
    }
    session = await openSession(tf.backend());
  });
  afterAll(() => tf.setBackend(previous));
  return () => session;
}

/** Numbers in [-0.5, 0.5), of which blocks of neighbors are zero. */
export function sparseValues(
  inputs: number,
  outputs: number,
  sparsity: number,
  block: number,
  seed: number,
): Float32Array {
  const next = random(seed);
  const values = new Float32Array(inputs * outputs);
  for (let input = 0; input < inputs; ++input) {
    for (let output = 0; output < outputs; output += block) {
      const isZero = next() < sparsity;
      for (let i = output; i < Math.min(outputs, output + block); ++i) {
        values[input * outputs + i] = isZero ? 0 : next() - 0.5;
      }
    }
  }
  return values;
}

/** Random numbers of a shape, the same for the same seed. */
export function normal<R extends tf.Rank>(shape: tf.ShapeMap[R], seed: number): tf.Tensor<R> {
  return tf.randomNormal(shape, 0, 1, 'float32', seed);
}

export const size = (max: number, min = 1) => fc.integer({min, max});
export const blocks = fc.constantFrom<BlockSize[]>(1, 2, 4);
export const activations = fc.constantFrom('linear' as const, 'relu' as const, 'relu6' as const);
