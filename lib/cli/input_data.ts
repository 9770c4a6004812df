import {floor, mul, type Tensor, tensor, tidy} from '@tensorflow/tfjs-core';

import {check} from '../base/check';
import {normal, uniform} from '../base/random';
import {readExamples} from './data_file';
import type {InputSpec} from './input_spec';
import {prepare, type Preprocessing} from './preprocessing';

/** Numbers of bytes: where nothing says how large whole numbers may be. */
const BYTES = 256;

/** How many numbers an example has; sizes left open are 1. */
export function exampleSize(input: InputSpec): number {
  return product(sizesOf(input));
}

/** Whether an input takes whole numbers only. */
export function isWhole({dtype, below}: InputSpec): boolean {
  return dtype !== 'float32' || below !== undefined;
}

/**
 * Random examples for an input: normally distributed numbers, or whole numbers from 0 on where
 * it takes these. Sizes left open are 1.
 */
export function randomInput(input: InputSpec, count: number, seed: number): Tensor {
  const shape = [count, ...sizesOf(input)];
  if (!isWhole(input)) {
    return normal(shape, seed);
  }
  const below = input.below ?? (input.dtype === 'bool' ? 2 : BYTES);
  return tidy(() => floor(mul(uniform(shape, seed), below)));
}

/**
 * Examples in a file of NumPy's or MNIST's format, which may be gzipped, as float32. Of more
 * than `most`, some at even distances.
 * Bytes are prepared, except where the input takes whole numbers. Examples of as many numbers
 * as the input has take its shape.
 *
 * @param most Examples that are wanted.
 * @throws PruningError where the file is neither, or does not fit the input.
 */
export async function readInput(
  path: string,
  input: InputSpec,
  most: number,
  preprocessing: Preprocessing,
): Promise<Tensor> {
  const sizes = sizesOf(input);
  const fits = (own: readonly number[]) => fitsInput(own, input);
  const {values, shape, areBytes} = await readExamples(path, most, (own) =>
    check(
      (fits(own) || product(own) === product(sizes)) && product(own) > 0,
      path,
      examplesFor(input),
      `[${own.join()}]`,
    ),
  );
  const [count, ...own] = shape;
  const taken = fits(own) ? own : sizes;
  if (isWhole(input)) {
    checkWhole(path, input, values);
  } else if (areBytes) {
    prepare(values, taken.length > 1 ? taken[taken.length - 1] : 1, preprocessing);
  }
  return tensor(values, [count, ...taken]);
}

/** Whether examples of these sizes are such as an input takes. */
export function fitsInput(own: readonly number[], {shape = []}: InputSpec): boolean {
  const wanted = shape.slice(1);
  return (
    own.length === wanted.length &&
    own.every((length, i) => wanted[i] === length || isOpen(wanted[i]))
  );
}

/** What an input takes, in words. */
export function examplesFor({name, shape = []}: InputSpec): string {
  return `examples of shape [${shape.slice(1).join()}] for '${name}'`;
}

function checkWhole(path: string, {name, below}: InputSpec, values: Float32Array): void {
  const isInRange = (value: number) => below === undefined || (value >= 0 && value < below);
  const wrong = values.find((value) => !Number.isInteger(value) || !isInRange(value));
  const limits = below === undefined ? '' : ` from 0 to ${below - 1}`;
  check(wrong === undefined, path, `whole numbers${limits} for '${name}'`, wrong);
}

function sizesOf({shape = []}: InputSpec): number[] {
  return shape.slice(1).map((size) => (isOpen(size) ? 1 : (size as number)));
}

function isOpen(size: number | null | undefined): boolean {
  return size == null || size < 0;
}

function product(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}
