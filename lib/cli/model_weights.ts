import type {io} from '@tensorflow/tfjs-core';
import {type LayersModel, version_layers} from '@tensorflow/tfjs-layers';

import {requantized} from '../files/quantize/requantize';
import {type StoredWeight} from '../files/quantize/stored_weight';
import {bytesOf, plain} from '../files/quantize/stored_weights';
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
      modelTopology: model.toJSON(null, false),
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

/**
 * `stored`, all else as it is, with other values of weights. Those are in float32.
 *
 * @param valuesOf The new values of a weight, `undefined` where it stays as it is.
 */
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

/** The weights of `written` quantized as those of the same names in `stored` are. */
export function keepQuantized(written: WrittenModel, {artifacts}: StoredModel): WrittenModel {
  const former = new Map(
    (artifacts.weightSpecs ?? []).map(({name, quantization}) => [name, quantization]),
  );
  return {
    ...written,
    weights: async function* () {
      for await (const weight of written.weights()) {
        const {name, dtype, quantization} = weight.spec;
        const kept = dtype === 'float32' && quantization == null ? former.get(name) : null;
        yield kept ? requantized(weight, kept) : weight;
      }
    },
  };
}

/** `written` with all weights in float32. */
export function inFloats(written: WrittenModel): WrittenModel {
  return {
    ...written,
    weights: async function* () {
      for await (const weight of written.weights()) {
        yield weight.spec.dtype === 'float32' ? plain(weight) : weight;
      }
    },
  };
}

/** Of each kind of quantization how many weights have it: `{float16: 12}`. */
export function quantizedCounts({
  artifacts,
}: Pick<StoredModel, 'artifacts'>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const {dtype, quantization} of artifacts.weightSpecs ?? []) {
    if (quantization != null && dtype === 'float32') {
      counts[quantization.dtype] = (counts[quantization.dtype] ?? 0) + 1;
    }
  }
  return counts;
}

/** Of each type how many of the weights of floats are stored in it: `{float32: 2, uint8: 12}`. */
export function storedAs({artifacts}: StoredModel): Record<string, number> {
  const floats = (artifacts.weightSpecs ?? []).filter(({dtype}) => dtype === 'float32');
  const counts = quantizedCounts({artifacts});
  const rest = floats.filter(({quantization}) => quantization == null).length;
  return rest > 0 ? {float32: rest, ...counts} : counts;
}

/** `2 float32, 12 uint8` */
export function listed(counts: Readonly<Record<string, number>>): string {
  const all = Object.entries(counts);
  return all.map(([type, count]) => `${count} ${type}`).join(', ') || 'none';
}

function withFloats({spec}: StoredWeight, values: Float32Array): StoredWeight {
  const plainSpec = {...spec};
  delete plainSpec.quantization;
  return {spec: plainSpec, bytes: bytesOf(values)};
}
