import type {GraphModel} from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import type {ModelNode} from './api';
import {artifactsOf} from './save';

/** The layers of a model in the order in which they run; of a graph, the nodes with weights. */
export function nodesOf(model: LayersModel | GraphModel): Promise<ModelNode[]> {
  return 'executeAsync' in model ? graphNodes(model) : layerNodes(model);
}

async function layerNodes(model: LayersModel): Promise<ModelNode[]> {
  const {config} = JSON.parse(model.toJSON() as string) as {
    config: {layers: {name?: string; config: {name: string}; inbound_nodes?: unknown[][]}[]};
  };
  const positions = new Map(model.layers.map(({name}, i) => [name, i]));
  const listed = new Map(
    config.layers.map((layer) => [layer.name ?? layer.config.name, layer.inbound_nodes]),
  );
  return Promise.all(
    model.layers.map(async (layer, i) => {
      const inbound = listed.get(layer.name);
      const names = inbound ? namesIn(inbound) : i > 0 ? [model.layers[i - 1].name] : [];
      const kernels = layer.getWeights().filter(({rank}) => rank > 1);
      return {
        name: layer.name,
        kind: layer.getClassName(),
        shape: shapeText(layer.outputShape as (number | null)[]),
        ...(await zerosOf(kernels)),
        inputs: names.flatMap((name) => positions.get(name) ?? []),
      };
    }),
  );
}

/** The names of layers in `inbound_nodes`: `[[['name', 0, 0, {}], …], …]`. */
function namesIn(inbound: readonly unknown[]): string[] {
  return inbound.flatMap((item) =>
    Array.isArray(item) ? (typeof item[0] === 'string' ? [item[0]] : namesIn(item)) : [],
  );
}

/** What people call the operations of a graph that have weights. */
const KINDS: Record<string, string> = {
  _FusedConv2D: 'Conv2D',
  FusedDepthwiseConv2dNative: 'DepthwiseConv2D',
  DepthwiseConv2dNative: 'DepthwiseConv2D',
  Conv2DBackpropInput: 'Conv2DTranspose',
  _FusedMatMul: 'Dense',
  MatMul: 'Dense',
  BatchMatMulV2: 'Dense',
  GatherV2: 'Embedding',
};

interface TopologyNode {
  name: string;
  op: string;
  input?: string[];
}

async function graphNodes(model: GraphModel): Promise<ModelNode[]> {
  const {modelTopology} = await artifactsOf(model);
  const {node: nodes} = modelTopology as {node: TopologyNode[]};
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const own = (path: string) => path.replace(/^\^/, '').split(':')[0];
  const isWeight = (name: string) => (model.weights[name]?.[0].rank ?? 0) > 1;
  const shown = nodes.filter(
    ({op, input = []}) => op !== 'Identity' && input.some((path) => isWeight(own(path))),
  );
  const positions = new Map(shown.map(({name}, i) => [name, i]));
  const above = new Map<string, number[]>();
  /** The nodes shown that lead to `name`, without what lies between. */
  const sourcesOf = (name: string): number[] => {
    const known = above.get(name);
    if (known) {
      return known;
    }
    above.set(name, []);
    const sources = (byName.get(name)?.input ?? []).flatMap((path) => {
      const position = positions.get(own(path));
      return position === undefined ? sourcesOf(own(path)) : [position];
    });
    const unique = [...new Set(sources)];
    above.set(name, unique);
    return unique;
  };
  return Promise.all(
    shown.map(async ({name, op, input = []}) => {
      const kernels = input
        .map(own)
        .filter(isWeight)
        .map((path) => model.weights[path][0]);
      return {
        name: name.split('/').slice(-2).join('/'),
        kind: KINDS[op] ?? op,
        shape: kernels.map(({shape}) => shape.join(' × ')).join(', '),
        ...(await zerosOf(kernels)),
        inputs: sourcesOf(name),
      };
    }),
  );
}

async function zerosOf(kernels: readonly tf.Tensor[]): Promise<{weights: number; zeros: number}> {
  const weights = kernels.reduce((all, {size}) => all + size, 0);
  if (kernels.length === 0) {
    return {weights, zeros: 0};
  }
  const count = tf.tidy(() =>
    tf.addN(kernels.map((kernel) => tf.sum(tf.cast(tf.equal(kernel, 0), 'int32')))),
  );
  const [zeros] = await count.data();
  count.dispose();
  return {weights, zeros};
}

function shapeText(shape: readonly (number | null)[]): string {
  return shape
    .flat()
    .slice(1)
    .map((size) => size ?? '?')
    .join(' × ');
}
