import type {io} from '@tensorflow/tfjs-core';
import fc from 'fast-check';

import {random} from '../setup/models';
import {floatBits} from './packed/weights';

/** Bytes of a value of each dtype but strings. */
const BYTES = {float32: 4, int32: 4, bool: 1, complex64: 8} as const;

type Dtype = keyof typeof BYTES | 'string';

/** Everything but the weights' bytes, as JSON has it. */
export function withoutData({weightData: _, ...rest}: io.ModelArtifacts): unknown {
  return JSON.parse(JSON.stringify(rest));
}

export function bytesOf(data: io.WeightData | undefined): Buffer {
  return Buffer.concat([data ?? []].flat().map((part) => Buffer.from(part)));
}

/** A model of one kernel of floats. */
export function modelOf(values: Float32Array, shape = [values.length, 1]): io.ModelArtifacts {
  return {
    modelTopology: {class_name: 'Sequential', config: {layers: []}},
    format: 'layers-model',
    generatedBy: 'a test',
    convertedBy: null,
    weightSpecs: [{name: 'dense/kernel', shape, dtype: 'float32'}],
    weightData: values.slice().buffer,
  };
}

const weight = fc.record({
  dtype: fc.constantFrom<Dtype>('float32', 'float32', 'int32', 'bool', 'complex64', 'string'),
  shape: fc.oneof(
    fc.array(fc.integer({min: 0, max: 9}), {maxLength: 4}),
    fc.constantFrom<number[]>([], [300]),
  ),
  sparsity: fc.constantFrom(0, 0.5, 0.95, 1),
  bits: fc.array(floatBits, {minLength: 1, maxLength: 40}),
  strings: fc.array(fc.string({unit: 'grapheme', maxLength: 5}), {minLength: 1, maxLength: 5}),
  seed: fc.integer(),
});

/** Models of weights of all dtypes and shapes, split into any parts. */
export const models: fc.Arbitrary<io.ModelArtifacts> = fc
  .record({
    weights: fc.array(weight, {maxLength: 6}),
    cuts: fc.array(fc.double({min: 0, max: 1, noNaN: true}), {maxLength: 3}),
    metadata: fc.option(fc.dictionary(fc.string(), fc.jsonValue() as fc.Arbitrary<object>)),
  })
  .map(({weights, cuts, metadata}) => {
    const weightSpecs = weights.map(({dtype, shape}, i) => ({name: `w${i}`, dtype, shape}));
    const data = Buffer.concat(weights.map(dataOf));
    const ends = [...cuts.map((cut) => Math.floor(cut * data.length)), data.length].sort(
      (a, b) => a - b,
    );
    return {
      modelTopology: {class_name: 'Sequential'},
      format: 'layers-model',
      userDefinedMetadata: metadata ?? undefined,
      weightSpecs,
      weightData: ends.map(
        (end, i) => Uint8Array.from(data.subarray(ends[i - 1] ?? 0, end)).buffer,
      ),
    };
  });

function dataOf({
  dtype,
  shape,
  sparsity,
  bits,
  strings,
  seed,
}: typeof weight extends fc.Arbitrary<infer T> ? T : never): Uint8Array {
  const size = shape.reduce((product, length) => product * length, 1);
  const next = random(seed);
  const draw = <T>(values: readonly T[]) => values[Math.floor(next() * values.length)];
  if (dtype === 'string') {
    const parts = Array.from({length: size}, () => {
      const text = new TextEncoder().encode(draw(strings));
      return [new Uint8Array(Uint32Array.of(text.length).buffer), text];
    });
    return Buffer.concat(parts.flat());
  }
  const values = () => (next() < sparsity ? 0 : draw(bits));
  const bytes = size * BYTES[dtype];
  return dtype === 'bool'
    ? Uint8Array.from({length: bytes}, () => values() & 1)
    : new Uint8Array(Uint32Array.from({length: bytes / 4}, values).buffer);
}
