import {readdirSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join, resolve} from 'node:path';

import {io} from '@tensorflow/tfjs-core';
import {
  initializers,
  layers,
  loadLayersModel,
  type LayersModel,
  model as makeModel,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';

import {SIZE} from './pictures';
import {published} from './published';

const BASE = 'nsfwjs@4.3.0';
/** Its output is a map of 4x4 with 96 channels, for pictures of 64x64. */
const CUT = 'block_12_add';

/** A MobileNetV2 up to layer `block_12_add`, and a new layer that tells `classes` apart. */
export async function transferModel(classes: number, seed: number): Promise<LayersModel> {
  // Not strict: the files have the weights behind the cut, too.
  const base = await loadLayersModel(io.fromMemory(artifacts()), {strict: false});
  const pooled = layers.globalAveragePooling2d({name: 'pooled'}).apply(base.outputs);
  const head = layers.dense({
    units: classes,
    activation: 'softmax',
    kernelInitializer: initializers.glorotUniform({seed}),
    name: 'classes',
  });
  return makeModel({inputs: base.inputs, outputs: head.apply(pooled) as SymbolicTensor});
}

/** The base: what nsfwjs ships as scripts, up to the cut and for pictures of another size. */
function artifacts(): io.ModelArtifacts {
  const folder = resolve(published(BASE), 'dist/models/mobilenet_v2');
  const require = createRequire(join(folder, 'here.js'));
  const load = (file: string): unknown => {
    const loaded = require(join(folder, file)) as {default?: unknown};
    return loaded.default ?? loaded;
  };
  const {modelTopology, weightsManifest} = load('model.min.js') as io.ModelJSON;
  const topology = structuredClone(modelTopology) as Topology;
  const {config} = topology.model_config;
  config.layers[0].config.batch_input_shape = [null, SIZE, SIZE, 3];
  config.layers.splice(config.layers.findIndex(({name}) => name === CUT) + 1);
  config.output_layers = [[CUT, 0, 0]];
  const shards = readdirSync(folder).filter((file) => file.startsWith('group1-shard'));
  const bytes = Buffer.concat(shards.map((file) => Buffer.from(load(file) as string, 'base64')));
  return {
    modelTopology: topology,
    weightSpecs: weightsManifest.flatMap(({weights}) => weights),
    weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
  };
}

interface Topology {
  model_config: {
    config: {
      layers: Array<{name: string; config: {batch_input_shape?: Array<number | null>}}>;
      output_layers: unknown[];
    };
  };
}
