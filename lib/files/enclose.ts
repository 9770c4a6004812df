import type {io} from '@tensorflow/tfjs-core';

import {joinChunks, weightChunks} from './artifacts/weight_chunks';

const FORMAT = 'tfjs-prune-packed';

/**
 * A packed file as the only weight of a model without layers, so that whatever
 * stores models can store it: IndexedDB, a server, any IOHandler.
 */
export function enclose(parts: readonly Uint8Array[]): io.ModelArtifacts {
  const bytes = joinChunks(parts);
  const quantization = {dtype: 'uint8', scale: 1, min: 0} as const;
  return {
    modelTopology: {class_name: FORMAT},
    format: FORMAT,
    generatedBy: 'tfjs-prune',
    convertedBy: null,
    weightSpecs: [{name: 'packed', shape: [bytes.length], dtype: 'int32', quantization}],
    weightData: bytes.buffer,
  };
}

/** The packed file in `artifacts`; `undefined` where they are a model themselves. */
export function enclosed({
  format,
  weightData,
}: io.ModelArtifacts): Uint8Array<ArrayBuffer> | undefined {
  return format === FORMAT ? joinChunks(weightChunks('packed model', weightData)) : undefined;
}
