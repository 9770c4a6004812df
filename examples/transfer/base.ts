import {io} from '@tensorflow/tfjs-core';
import {
  initializers,
  layers,
  loadLayersModel,
  type LayersModel,
  model as makeModel,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';

import {nsfwjs} from './nsfwjs';
import {SIZE} from './pictures';

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

/** The base: what nsfwjs has, up to the cut and for pictures of another size. */
function artifacts(): io.ModelArtifacts {
  const whole = nsfwjs('mobilenet_v2');
  const topology = structuredClone(whole.modelTopology) as unknown as Topology;
  const {config} = topology.model_config;
  config.layers[0].config.batch_input_shape = [null, SIZE, SIZE, 3];
  config.layers.splice(config.layers.findIndex(({name}) => name === CUT) + 1);
  config.output_layers = [[CUT, 0, 0]];
  return {...whole, modelTopology: topology};
}

interface Topology {
  model_config: {
    config: {
      layers: Array<{name: string; config: {batch_input_shape?: Array<number | null>}}>;
      output_layers: unknown[];
    };
  };
}
