import {type Tensor, tensor} from '@tensorflow/tfjs-core';

/**
 * A number in [0, 1) that looks random, the same for the same seed and step: a
 * training that is resumed draws what it would have drawn.
 *
 * @example
 * chanceAt(1, 0) === chanceAt(1, 0); //=> true
 */
export function chanceAt(seed: number, step: number): number {
  // The finaliser of SplitMix32 over a Weyl sequence.
  let bits = (Math.imul(seed, 0x9e3779b9) + Math.imul(step + 1, 0x6d2b79f5)) | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad);
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
  return ((bits ^ (bits >>> 15)) >>> 0) / 2 ** 32;
}

/** A generator of numbers in [0, 1): those of `chanceAt` one after the other. */
export function randomNumbers(seed: number): () => number {
  let step = 0;
  return () => chanceAt(seed, step++);
}

/** A seed for one of several draws that all go by the same `seed`. */
export function seedOf(seed: number, draw: number): number {
  return Math.floor(chanceAt(seed, draw) * 2 ** 31);
}

/** float32 of this shape with numbers in [0, 1), the same for the same seed on all backends. */
export function uniform(shape: readonly number[], seed: number): Tensor {
  // 24 bits, which float32 holds: more could be rounded up to 1.
  return drawn(shape, (i) => Math.floor(chanceAt(seed, i) * 2 ** 24) / 2 ** 24);
}

/** The same with normally distributed numbers of mean 0 and deviation 1. */
export function normal(shape: readonly number[], seed: number): Tensor {
  const next = randomNumbers(seed);
  // Box & Muller 1958, of which one of two is used.
  return drawn(shape, () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()));
}

function drawn(shape: readonly number[], numberAt: (i: number) => number): Tensor {
  const size = shape.reduce((product, side) => product * side, 1);
  const values = Float32Array.from({length: size}, (_, i) => numberAt(i));
  return tensor(values, [...shape], 'float32');
}
