import type {io} from '@tensorflow/tfjs-core';

import {weightBytes} from './weight_bytes';
import {partsBetween, weightChunks} from './weight_chunks';

const NAME = 'artifacts';

/**
 * The specs and bytes of a model's weights, of which some are other numbers: plain
 * float32, whatever they were stored in.
 *
 * @param values By name; a weight that is not listed keeps its bytes.
 */
export function replaceWeights(
  {weightSpecs = [], weightData}: io.ModelArtifacts,
  values: ReadonlyMap<string, Float32Array>,
): Required<Pick<io.ModelArtifacts, 'weightSpecs' | 'weightData'>> {
  const chunks = weightChunks(NAME, weightData);
  const parts: Uint8Array[] = [];
  let start = 0;
  const specs = weightSpecs.map((spec) => {
    const end = start + weightBytes(NAME, spec, chunks, start);
    const value = values.get(spec.name);
    parts.push(
      ...(value
        ? [new Uint8Array(value.buffer, value.byteOffset, value.byteLength)]
        : partsBetween(chunks, start, end)),
    );
    start = end;
    const {quantization, ...plain} = spec;
    return value || !quantization ? plain : spec;
  });
  const bytes = new Uint8Array(parts.reduce((sum, {length}) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return {weightSpecs: specs, weightData: bytes.buffer};
}
