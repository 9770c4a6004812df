import {io} from '@tensorflow/tfjs-core';

import {check} from '../../base/check';
import {weightBytes} from '../artifacts/weight_bytes';
import type {StoredWeight} from '../quantize/stored_weight';
import {modelPath, readText} from './load';
import {parseModelJSON} from './model_json';
import {pathsOf, readShards, shardsOf, type Shard} from './shards';

/** A model of which the weights are still in their files. */
export interface OpenModel {
  /** All but the weights' bytes. */
  artifacts: io.ModelArtifacts;
  /** Reads the weights, one at a time, wherever they lie in the shards. */
  weights(): AsyncGenerator<StoredWeight>;
}

/** Where a weight is. */
interface Place {
  spec: io.WeightsManifestEntry;
  shards: readonly Shard[];
  start: number;
  bytes: number;
}

/**
 * Opens the model of `path`, a directory or the `model.json` itself.
 *
 * @throws PruningError where it is none, or its files are not of the weights' sizes; and
 *   from `weights` where it is saved anew meanwhile.
 */
export async function openModel(path: string): Promise<OpenModel> {
  const model = await modelPath(path);
  const text = await readText(model);
  const json = parseModelJSON(model, text);
  const {weightsManifest} = json;
  const places = (await Promise.all(weightsManifest.map((group) => placesOf(model, group)))).flat();
  const specs = io.getWeightSpecs(weightsManifest);
  const artifacts = io.getModelArtifactsForJSONSync(json, specs, new ArrayBuffer(0));
  return {
    artifacts: {...artifacts, weightData: undefined},
    weights: async function* () {
      for (const {spec, shards, start, bytes} of places) {
        const into = new Uint8Array(bytes);
        await readShards(shards, start, into);
        yield {spec, bytes: into};
      }
      const isSame = (await readText(model)) === text;
      check(isSame, model, 'a model that nothing saves meanwhile', 'another');
    },
  };
}

async function placesOf(model: string, group: io.WeightsManifestConfig[number]): Promise<Place[]> {
  const shards = await shardsOf(model, group);
  const received = shards.reduce((sum, {bytes}) => sum + bytes, 0);
  const places: Place[] = [];
  let start = 0;
  for (const spec of group.weights) {
    // Of strings only they themselves know their sizes.
    const rest = new Uint8Array(spec.dtype === 'string' ? Math.max(received - start, 0) : 0);
    await readShards(shards, start, rest);
    const bytes = weightBytes(model, spec, [rest], 0);
    places.push({spec, shards, start, bytes});
    start += bytes;
  }
  check(
    received === start,
    pathsOf(shards) || model,
    `${start} bytes, the size of the weights that ${model} lists`,
    received,
  );
  return places;
}
