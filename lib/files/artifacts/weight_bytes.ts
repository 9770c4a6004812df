import type {io} from '@tensorflow/tfjs-core';

import {check} from '../../base/check';
import {totalBytes} from './weight_chunks';

/** Bytes of one value, by the dtype it's stored in. */
const VALUE_BYTES: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  complex64: 8,
  float16: 2,
  uint16: 2,
  uint8: 1,
};

type Quantization = io.WeightsManifestEntry['quantization'];

/** What floats and integers may be quantized to. */
const QUANTIZED: readonly string[] = ['uint8', 'uint16', 'float16'];

/** Each string is stored behind its length, a 32-bit integer. */
const STRING_LENGTH_BYTES = 4;

/**
 * Throws unless `chunks`, one after the other, hold the weights of `specs` to
 * the byte. tfjs itself reads zeros, or another weight's values, past the end.
 *
 * @param path The file that holds the chunks.
 * @param model The file that lists the specs.
 */
export function checkWeightBytes(
  path: string,
  model: string,
  specs: readonly io.WeightsManifestEntry[],
  chunks: readonly Uint8Array[],
): void {
  let expected = 0;
  for (const spec of specs) {
    expected += weightBytes(model, spec, chunks, expected);
  }
  const received = totalBytes(chunks);
  check(
    received === expected,
    path,
    `${expected} bytes, the size of the weights that ${model} lists`,
    received,
  );
}

/**
 * The bytes of one weight.
 *
 * @param model What lists the specs; named in errors.
 * @param chunks All weights; only those of strings are looked at, for their lengths.
 * @param start Where the weight begins in them.
 */
export function weightBytes(
  model: string,
  spec: io.WeightsManifestEntry,
  chunks: readonly Uint8Array[],
  start: number,
): number {
  check(typeof spec === 'object' && spec !== null, model, 'a description of each weight', spec);
  const {name, shape, dtype, quantization} = spec;
  check(typeof name === 'string', model, 'a name for each weight', name);
  check(
    Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && size >= 0),
    model,
    `a shape for the weight '${name}'`,
    shape,
  );
  const size = shape.reduce((product, length) => product * length, 1);
  const isWhole = Number.isSafeInteger(8 * size);
  check(isWhole, model, `a shape that memory can hold for the weight '${name}'`, shape);
  check(
    isQuantization(quantization),
    model,
    `a quantization by ${QUANTIZED.join(', ')} for the weight '${name}'`,
    quantization,
  );
  if (dtype === 'string' && quantization == null) {
    let bytes = 0;
    // Past the end lengths read as zero: stop, or a huge shape would take ages.
    for (let i = 0; i < size && start + bytes <= totalBytes(chunks); i++) {
      bytes += STRING_LENGTH_BYTES + uint32At(chunks, start + bytes);
    }
    return bytes;
  }
  const stored = quantization?.dtype ?? dtype;
  const known = Object.keys(VALUE_BYTES).join(', ');
  check(
    Object.hasOwn(VALUE_BYTES, stored),
    model,
    `a dtype among ${known}, string for the weight '${name}'`,
    stored,
  );
  return size * VALUE_BYTES[stored];
}

/** Whether tfjs can undo it. */
function isQuantization(quantization: unknown): boolean {
  if (quantization == null) {
    return true;
  }
  const {dtype, scale, min} = quantization as Partial<NonNullable<Quantization>>;
  return dtype === 'float16' || (QUANTIZED.includes(dtype!) && isFinite(scale) && isFinite(min));
}

function isFinite(value: unknown): boolean {
  return Number.isFinite(value);
}

/** The little-endian integer at a position in the chunks' concatenation, which may straddle two. */
function uint32At(chunks: readonly Uint8Array[], position: number): number {
  let value = 0;
  let start = 0;
  for (const chunk of chunks) {
    for (let i = Math.max(position - start, 0); i < chunk.byteLength; i++) {
      const shift = start + i - position;
      if (shift >= STRING_LENGTH_BYTES) {
        return value;
      }
      value += chunk[i] * 2 ** (8 * shift);
    }
    start += chunk.byteLength;
  }
  return value;
}
