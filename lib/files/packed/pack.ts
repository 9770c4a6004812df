import type {io} from '@tensorflow/tfjs-core';

import {check} from '../../base/check';
import {Pace} from '../../base/yielding';
import type {StoredWeight} from '../quantize/stored_weight';
import type {StoredWeights} from '../quantize/stored_weights';
import {checksum} from './checksum';
import {encodedSize, encodeWeight, type WeightWords} from './encode_weight';
import {Format, mostInflated} from './format';

/**
 * The parts of a packed file, in their order, see docs/packed_format.md.
 *
 * @param artifacts The model but for its weights.
 * @param weights Taken one at a time, so that what quantizes them needs little memory.
 */
export async function pack(
  {weightData: _, ...artifacts}: io.ModelArtifacts,
  weights: StoredWeights,
): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = [];
  const specs: io.WeightsManifestEntry[] = [];
  let weightBytes = 0;
  const pace = new Pace(50);
  for await (const weight of weights) {
    frames.push(...(await encodeWeight(wordsOf(weight), pace)));
    await pace.rest();
    specs.push(weight.spec);
    weightBytes += weight.bytes.length;
  }
  const weightSpecs = artifacts.weightSpecs && specs;
  const text = new Blob([JSON.stringify({...artifacts, weightSpecs})]);
  const header = await deflate(text);
  const most = mostInflated(header.length);
  check(text.size <= most, 'artifacts', `a topology of up to ${most} bytes`, text.size);
  const framesBytes = frames.reduce((sum, {length}) => sum + 4 + Format.CHECKSUM_BYTES + length, 0);

  const prelude = new DataView(new ArrayBuffer(Format.PRELUDE_BYTES));
  const preludeBytes = new Uint8Array(prelude.buffer);
  prelude.setUint32(0, Format.MAGIC, true);
  prelude.setUint32(4, Format.VERSION, true);
  prelude.setFloat64(8, Format.PRELUDE_BYTES + header.length + framesBytes, true);
  prelude.setFloat64(16, weightBytes, true);
  prelude.setUint32(24, header.length, true);
  let sum = checksum(preludeBytes.subarray(0, Format.PRELUDE_BYTES - Format.CHECKSUM_BYTES));
  sum = checksum(header, sum);
  prelude.setUint32(Format.PRELUDE_BYTES - Format.CHECKSUM_BYTES, sum, true);

  const parts: Uint8Array[] = [preludeBytes, header];
  for (const frame of frames) {
    sum = checksum(frame, sum);
    const head = new DataView(new ArrayBuffer(4 + Format.CHECKSUM_BYTES));
    head.setUint32(0, frame.length, true);
    head.setUint32(4, sum, true);
    parts.push(new Uint8Array(head.buffer), frame);
  }
  return parts;
}

/** Bytes that a weight takes in a packed file. */
export function packedBytes(weight: StoredWeight): number {
  const {frames, bytes} = encodedSize(wordsOf(weight));
  return bytes + frames * (4 + Format.CHECKSUM_BYTES);
}

function wordsOf({spec, bytes}: StoredWeight): WeightWords {
  const {shape, dtype, quantization} = spec;
  const columns = shape[shape.length - 1] ?? 1;
  const height = shape[shape.length - 2] ?? 1;
  switch (quantization?.dtype ?? dtype) {
    case 'uint8':
      return {bytes, wordBytes: 1, width: columns, height, zero: zeroPoint(spec, 255)};
    case 'uint16':
      return {bytes, wordBytes: 2, width: columns, height, zero: zeroPoint(spec, 65535)};
    case 'float16':
      return {bytes, wordBytes: 2, width: columns, height, zero: 0};
    case 'string':
      return {bytes, wordBytes: 1, width: 1, height: 1, zero: 0};
    case 'bool':
      return {bytes, wordBytes: 1, width: columns, height, zero: 0};
    case 'complex64':
      return {bytes, wordBytes: 4, width: 2 * columns, height, zero: 0};
    default:
      return {bytes, wordBytes: 4, width: columns, height, zero: 0};
  }
}

/** The integer that stands for zero, where there is one. */
function zeroPoint({quantization}: io.WeightsManifestEntry, largest: number): number {
  const {scale = 1, min = 0} = quantization!;
  const zero = Math.round(-min / scale);
  return zero >= 0 && zero <= largest ? zero : 0;
}

async function deflate(text: Blob): Promise<Uint8Array> {
  const stream = text.stream().pipeThrough(new CompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
