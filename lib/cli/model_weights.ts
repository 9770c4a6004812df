import type {io} from '@tensorflow/tfjs-core';
import {type LayersModel, version_layers} from '@tensorflow/tfjs-layers';

import type {StoredWeight} from '../files/quantize/stored_weights';
import type {StoredModel} from './model_file';

/** What a model is written from. */
export type WrittenModel = Pick<StoredModel, 'artifacts' | 'weights'>;

/**
 * What `model.save` would write, with the training configuration of `stored`, but weight
 * by weight: it would join them all.
 */
export function writtenModel(
  model: LayersModel,
  {artifacts: {trainingConfig, userDefinedMetadata}}: StoredModel,
): WrittenModel {
  const specs = model.weights.map(
    ({originalName: name, shape, dtype}) =>
      ({name, shape: [...shape], dtype}) as io.WeightsManifestEntry,
  );
  return {
    artifacts: {
      modelTopology: model.toJSON(null, false) as object,
      format: 'layers-model',
      generatedBy: `TensorFlow.js tfjs-layers v${version_layers}`,
      convertedBy: null,
      weightSpecs: specs,
      // A model that was compiled for a command is not so for its user.
      trainingConfig,
      userDefinedMetadata,
    },
    weights: async function* () {
      for (const [i, weight] of model.weights.entries()) {
        yield {spec: specs[i], bytes: bytesOf(await weight.read().data())};
      }
    },
  };
}

/** `stored`, all else as it is, with other values of weights. */
export function withValues(
  {artifacts, weights}: StoredModel,
  valuesOf: (weight: StoredWeight) => Promise<Float32Array | undefined>,
): WrittenModel {
  return {
    artifacts,
    weights: async function* () {
      for await (const weight of weights()) {
        const values = await valuesOf(weight);
        yield values ? withFloats(weight, values) : weight;
      }
    },
  };
}

function withFloats({spec}: StoredWeight, values: Float32Array): StoredWeight {
  const plain = {...spec};
  delete plain.quantization;
  return {spec: plain, bytes: bytesOf(values)};
}

function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
