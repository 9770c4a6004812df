import type {io} from '@tensorflow/tfjs-core';

import type {Sensitivity} from '../../model/sensitive_weights';
import {weightBytes} from '../artifacts/weight_bytes';
import {asWords, joinChunks, partsBetween} from '../artifacts/weight_chunks';
import {toAffine} from './affine';
import {onChannelGrid} from './channel_grid';
import {valuesOf} from './dequantize';
import {fitsFloat16, toFloat16} from './float16';
import {neededMantissa} from './needed_mantissa';
import type {Quantization, Treatment} from './quantization';
import {toSharedValues} from './shared_values';
import {StoredWeight} from './stored_weight';

/** Weights in the order of the manifest, one at a time: all together may be too many. */
export type StoredWeights = Iterable<StoredWeight> | AsyncIterable<StoredWeight>;

/**
 * The weights in `chunks`.
 *
 * @param name What lists the specs; named in errors.
 */
export function* storedWeights(
  name: string,
  specs: readonly io.WeightsManifestEntry[],
  chunks: readonly Uint8Array[],
): Generator<StoredWeight> {
  let start = 0;
  for (const spec of specs) {
    const end = start + weightBytes(name, spec, chunks, start);
    const parts = partsBetween(chunks, start, end);
    yield {spec, bytes: parts.length === 1 ? parts[0] : joinChunks(parts)};
    start = end;
  }
}

/** `weights`, each treated as `treatmentOf` says when it is taken. */
export async function* quantizedWeights(
  weights: StoredWeights,
  treatmentOf: (spec: io.WeightsManifestEntry) => Treatment | undefined,
): AsyncGenerator<StoredWeight> {
  for await (const [weight, next] of withNext(weights)) {
    const treatment = treatmentOf(weight.spec);
    if (treatment === undefined) {
      yield weight;
      continue;
    }
    const floats = await plain(weight);
    const {quantization, sensitivity, ifItFits = false} = treatment;
    const isBeyond = ifItFits && !fitsFloat16(asWords(floats.bytes, Float32Array));
    if (isBeyond) {
      yield weight;
      continue;
    }
    yield sensitivity === undefined
      ? quantized(floats.spec, floats.bytes, quantization)
      : spared(floats, sensitivity, next);
  }
}

/**
 * A sensitive weight of float32 as float16 of as few bits as do no harm.
 *
 * @param next The weight behind it.
 */
async function spared(
  weight: StoredWeight,
  sensitivity: Sensitivity,
  next?: StoredWeight,
): Promise<StoredWeight> {
  const {spec, bytes} = weight;
  if (sensitivity === 'filter') {
    const channels = spec.shape.slice(-2).reduce((product, size) => product * size, 1);
    const rounded = onChannelGrid(asWords(bytes, Float32Array), channels);
    if (rounded) {
      return quantized(spec, bytesOf(rounded), 'float16');
    }
  }
  return quantized(spec, bytes, 'float16', await neededMantissa(weight, sensitivity, next));
}

/** Each of `items` with the one behind it. */
async function* withNext<T>(items: Iterable<T> | AsyncIterable<T>): AsyncGenerator<[T, T?]> {
  const last: T[] = [];
  for await (const item of items) {
    if (last.length > 0) {
      yield [last[0], item];
    }
    last[0] = item;
  }
  yield* last.map((item): [T] => [item]);
}

/** `weight` in float32, if it is quantized. */
export async function plain(weight: StoredWeight): Promise<StoredWeight> {
  if (weight.spec.quantization == null) {
    return weight;
  }
  const spec = {...weight.spec};
  delete spec.quantization;
  return {spec, bytes: bytesOf(Float32Array.from(await valuesOf(weight)))};
}

/**
 * A weight of float32, quantized.
 *
 * @param mantissa Bits of it that `'float16'` uses. Default: 10, all.
 */
export function quantized(
  spec: io.WeightsManifestEntry,
  bytes: Uint8Array,
  quantization: Quantization,
  mantissa?: number,
): StoredWeight {
  const {name} = spec;
  const values = asWords(bytes, Float32Array);
  if (typeof quantization === 'object') {
    return {spec, bytes: bytesOf(toSharedValues(name, values, quantization))};
  }
  if (quantization === 'float16') {
    const bytes = bytesOf(toFloat16(name, values, mantissa));
    return {spec: {...spec, quantization: {dtype: quantization}}, bytes};
  }
  const integers =
    quantization === 'uint8' ? new Uint8Array(values.length) : new Uint16Array(values.length);
  const {scale, min} = toAffine(name, values, integers);
  return {
    spec: {...spec, quantization: {dtype: quantization, scale, min}},
    bytes: bytesOf(integers),
  };
}

/** The bytes of `values`, in place. */
export function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
