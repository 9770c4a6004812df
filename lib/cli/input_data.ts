import {readFile} from 'node:fs/promises';
import {gunzipSync} from 'node:zlib';

import {type Tensor, tensor} from '@tensorflow/tfjs-core';
import {parse as parseNpy} from 'npyjs';

import {check} from '../base/check';
import {normal} from '../base/random';
import {fileError} from '../files/node/file_error';

/** A model's input as both kinds of model describe it. */
export interface InputSpec {
  name: string;
  shape?: ReadonlyArray<number | null>;
  dtype: string;
}

/** Examples of normally distributed numbers for an input; sizes left open are 1. */
export function randomInput({shape = []}: InputSpec, count: number, seed: number): Tensor {
  const sizes = shape.slice(1).map((size) => (size == null || size < 0 ? 1 : size));
  return normal([count, ...sizes], seed);
}

/**
 * The examples in a file of NumPy's or MNIST's format, which may be gzipped.
 * Bytes are scaled to [0, 1]. Examples of as many numbers take the input's shape.
 *
 * @throws PruningError where the file is neither, or does not fit the input.
 */
export async function readInput(path: string, {name, shape = []}: InputSpec): Promise<Tensor> {
  let content: Buffer = await readFile(path).catch(fileError(path, 'a file that can be read'));
  content = content.readUInt16BE(0) === 0x1f8b ? gunzipSync(content) : content;
  const array =
    content.toString('latin1', 1, 6) === 'NUMPY' ? npy(path, content) : idx(path, content);
  const [count, ...own] = array.shape;
  const wanted = shape.slice(1);
  const size = own.reduce((all, length) => all * length, 1);
  const sizes = wanted.map((length) => (length == null || length < 0 ? 1 : length));
  const fits =
    own.length === wanted.length &&
    own.every((length, i) => [null, -1, length].includes(wanted[i]));
  const isSame = size === sizes.reduce((all, length) => all * length, 1);
  check(
    fits || isSame,
    path,
    `examples of shape [${wanted.join()}] for '${name}'`,
    `[${own.join()}]`,
  );
  return tensor(array.values, [count, ...(fits ? own : sizes)]);
}

interface NumericArray {
  values: Float32Array;
  shape: number[];
}

function npy(path: string, content: Buffer): NumericArray {
  const buffer = content.buffer.slice(
    content.byteOffset,
    content.byteOffset + content.length,
  ) as ArrayBuffer;
  const {data, shape, dtype, fortranOrder} = parseNpy(buffer);
  check(!fortranOrder, path, 'an array in C order', 'one in Fortran order');
  check(/^[iufb][1248]$/.test(dtype), path, 'an array of numbers', dtype);
  const scale = dtype === 'u1' ? 1 / 255 : 1;
  const numbers = data as unknown as ArrayLike<number | bigint>;
  return {values: Float32Array.from(numbers, (value) => Number(value) * scale), shape};
}

/** http://yann.lecun.com/exdb/mnist: two zeros, type, number of axes, sizes, values. */
function idx(path: string, content: Buffer): NumericArray {
  const [zero, type, axes] = [content.readUInt16BE(0), content[2], content[3]];
  const isIdx = zero === 0 && type === 8 && content.length >= 4 + 4 * axes;
  check(isIdx, path, 'a .npy or an IDX file of bytes', 'another');
  const shape = Array.from({length: axes}, (_, i) => content.readUInt32BE(4 + 4 * i));
  const values = content.subarray(4 + 4 * axes);
  const size = shape.reduce((all, length) => all * length, 1);
  check(values.length === size, path, `${size} bytes of values`, values.length);
  return {values: Float32Array.from(values, (value) => value / 255), shape};
}
