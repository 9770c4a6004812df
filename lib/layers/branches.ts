import {LayersModel, type SymbolicTensor} from '@tensorflow/tfjs-layers';

import type {Binding} from '../channels/graph/channel_graph';
import {type GraphNode, nodesOf} from '../model/layer_tree';
import {partsOf} from '../model/layer_walk';

/** What leads to one input of an addition, and nowhere else. */
export interface Branch {
  readonly sum: GraphNode;
  /** The number of the input. */
  readonly input: number;
  readonly nodes: ReadonlySet<GraphNode>;
}

/** The branches in `model` itself, not in models that it contains, in their order. */
export function branchesOf(model: LayersModel): Branch[] {
  const nodes = nodesOf(model);
  const readers = readersOf(nodes);
  const outputs = new Set(model.outputs.map(({id}) => id));
  return nodes
    .filter(({outboundLayer}) => outboundLayer.getClassName() === 'Add')
    .flatMap((sum) =>
      sum.inputTensors.map((_, input) => {
        const inside = new Set<GraphNode>();
        const isInside = (x: SymbolicTensor) => {
          const all = readers.get(x.id) ?? [];
          const leads = all.every(
            ({node, at}) => (node === sum && at === input) || inside.has(node),
          );
          return all.length > 0 && leads && !outputs.has(x.id);
        };
        const before = nodes.slice(0, nodes.indexOf(sum)).reverse();
        for (const node of before) {
          if (node.outputTensors.every(isInside)) {
            inside.add(node);
          }
        }
        return {sum, input, nodes: inside};
      }),
    )
    .filter(({nodes}) => nodes.size > 0);
}

/** Where the tensors of a graph are read: by which node, as which of its inputs. */
export function readersOf(
  nodes: readonly GraphNode[],
): Map<number, Array<{node: GraphNode; at: number}>> {
  const readers = new Map<number, Array<{node: GraphNode; at: number}>>();
  // The node of an input has its own output as an input.
  for (const node of nodes.filter(({inboundLayers}) => inboundLayers.length > 0)) {
    node.inputTensors.forEach(({id}, at) =>
      readers.set(id, [...(readers.get(id) ?? []), {node, at}]),
    );
  }
  return readers;
}

/** Roles of weights that, if they are zero, leave nothing of what came in. */
const MAKING: ReadonlySet<Binding['role']> = new Set(['producer', 'scale', 'depthwise']);

/** Layers that make noise of zeros while the model trains. */
const NOISY: ReadonlySet<string> = new Set(['GaussianNoise', 'AlphaDropout']);

/**
 * The weights that make a branch add zeros, if they are zero: those of the last
 * layer that makes or scales channels, and what is added after it. A string says
 * which layer stands in the way; that zeros stay zeros up to the addition is to
 * be seen from the channels' constants.
 */
export function zeroingWeights(
  {sum, input, nodes}: Branch,
  bindings: readonly Binding[],
): Binding['variable'][] | string {
  const found: Binding['variable'][] = [];
  let x = sum.inputTensors[input];
  let inside: ReadonlySet<GraphNode> = nodes;
  for (;;) {
    const node: GraphNode = x.sourceLayer.inboundNodes[x.nodeIndex];
    const layer = x.sourceLayer;
    if (!inside.has(node)) {
      return 'no layer on its own makes what it adds';
    }
    if (layer instanceof LayersModel) {
      const inner = nodesOf(layer);
      x = layer.outputs[x.tensorIndex ?? 0];
      inside = new Set(inner.filter(({inboundLayers}) => inboundLayers.length > 0));
      continue;
    }
    const parts = [layer, ...partsOf(layer)];
    const own = bindings.filter((binding) => parts.includes(binding.layer));
    const zeroed = own.filter(({role}) => role !== 'consumer' && role !== 'follower');
    found.push(...zeroed.map(({variable}) => variable));
    if (zeroed.some(({role}) => MAKING.has(role))) {
      return layer.inboundNodes.length > 1
        ? `layer '${layer.name}' is used more than once`
        : [...new Set(found)];
    }
    if (node.inputTensors.length !== 1 || NOISY.has(layer.getClassName())) {
      return `layer '${layer.name}' may add something to zeros`;
    }
    x = node.inputTensors[0];
  }
}
