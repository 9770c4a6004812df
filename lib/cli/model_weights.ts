import {io} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {joinChunks} from '../artifacts/weight_chunks';
import type {StoredWeight} from '../io/stored_weights';
import type {StoredModel} from './model_file';
import {weightsIn} from './weight_values';

/** What `model.save` would write, with the training configuration of `stored`. */
export async function artifactsOf(
  model: LayersModel,
  {artifacts: {trainingConfig, userDefinedMetadata}}: StoredModel,
): Promise<io.ModelArtifacts> {
  let saved: io.ModelArtifacts = {};
  await model.save(
    io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return {modelArtifactsInfo: io.getModelArtifactsInfoForJSON(artifacts)};
    }),
  );
  // A model that was compiled for a command is not so for its user.
  return {...saved, trainingConfig, userDefinedMetadata};
}

/** The artifacts of `stored`, all else as it is, with other float32 values of these weights. */
export function withValues(
  stored: StoredModel,
  values: ReadonlyMap<string, Float32Array>,
): io.ModelArtifacts {
  const all = [...weightsIn(stored)].map((weight) =>
    replaced(weight, values.get(weight.spec.name)),
  );
  return {
    ...stored.artifacts,
    weightSpecs: all.map(({spec}) => spec),
    weightData: joinChunks(all.map(({bytes}) => bytes)).buffer,
  };
}

function replaced(weight: StoredWeight, values: Float32Array | undefined): StoredWeight {
  if (values === undefined) {
    return weight;
  }
  const spec = {...weight.spec};
  delete spec.quantization;
  return {spec, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength)};
}
