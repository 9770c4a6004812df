import type {Shape, SymbolicTensor} from '@tensorflow/tfjs-layers';
import {LayersModel} from '@tensorflow/tfjs-layers';

import {PruningError} from '../../base/errors';
import {type GraphNode, type LayerConfig, nodesOf} from '../../model/layer_tree';
import {ChannelGraph, type ChannelRule, type RuleCall} from '../graph/channel_graph';
import type {Channels} from '../graph/channels';
import {channelRule} from '../rules/registry';

/** Walks the layers of `model` and its nested models, running the rule of each. */
export function traceChannels(model: LayersModel): ChannelGraph {
  const graph = new ChannelGraph(applyRule);
  const nodes = nodesOf(model);
  const inputs = model.inputs.map(({shape}) => graph.frozen(shape, 'an input of the model'));
  const outputs = runNodes(graph, model, nodes, inputs);
  outputs.forEach(({ids}) => graph.freeze(ids, 'an output of the model'));
  return graph;
}

function applyRule(graph: ChannelGraph, call: Omit<RuleCall, 'graph'>): Channels[] {
  const {layer, inputs, shapes} = call;
  const [x] = inputs;
  if (layer.batchInputShape != null && inputs.length === 1 && x.axis > 0) {
    const edit = (config: LayerConfig, count: number) => {
      (config.batchInputShape as Shape)[x.axis] = count;
    };
    graph.resize(layer, 'batchInputShape', x.ids, edit);
  }
  const rule = layer instanceof LayersModel ? nestedModel : channelRule(layer.getClassName());
  const outputs = (rule ?? unknownLayer)({...call, graph});
  const list = Array.isArray(outputs) ? outputs : [outputs];
  const fits = ({shape, axis, ids}: Channels, i: number) =>
    shape.length === shapes[i].length && (axis < 0 ? 0 : shapes[i][axis]) === ids.length;
  if (list.length !== shapes.length || !list.every(fits)) {
    throw new PruningError(
      `the channel rule of class ${layer.getClassName()}`,
      `channels for outputs of shape ${JSON.stringify(shapes)}`,
      list.map(({shape, axis, ids}) => ({shape, axis, channels: ids.length})),
    );
  }
  list.forEach(({ids, isKnown}) => {
    if (!isKnown && !(layer instanceof LayersModel)) {
      const name = layer.getClassName();
      const reason =
        `the channel rule of class ${name} does not say which channels of layer ` +
        `'${graph.name}' are constant: the fourth argument of Channels`;
      graph.freeze(ids, reason);
    }
  });
  return list;
}

const unknownLayer: ChannelRule = ({layer, inputs, shapes, graph}) => {
  const name = layer.getClassName();
  const reason =
    `layer '${graph.name}' is of class ${name}, which has no channel rule; ` +
    `registerChannelRule('${name}', rule) adds one`;
  inputs.forEach(({ids}) => graph.freeze(ids, reason));
  return shapes.map((shape) => graph.frozen(shape, reason));
};

const nestedModel: ChannelRule = ({layer, inputs, graph}) => {
  const model = layer as LayersModel;
  return runNodes(graph, model, nodesOf(model), inputs);
};

function runNodes(
  graph: ChannelGraph,
  model: LayersModel,
  nodes: readonly GraphNode[],
  inputs: readonly Channels[],
): Channels[] {
  const known = new Map<number, Channels>();
  const channelsOf = ({id}: SymbolicTensor) => known.get(id) as Channels;
  model.inputs.forEach(({id}, i) => known.set(id, inputs[i]));
  for (const node of nodes) {
    const {outboundLayer, inboundLayers, inputTensors, outputTensors} = node;
    if (inboundLayers.length === 0) {
      // An input, known already; its configuration holds the shape.
      const given = outputTensors.map(channelsOf);
      graph.run(
        outboundLayer,
        given,
        given.map(({shape}) => shape),
      );
      continue;
    }
    const shapes = outputTensors.map(({shape}) => shape);
    const given = inputTensors.map(channelsOf);
    if (outboundLayer.getClassName() === 'Add') {
      graph.sums.set(node, [...(graph.sums.get(node) ?? []), given]);
    }
    const outputs = graph.run(outboundLayer, given, shapes);
    outputTensors.forEach(({id}, i) => known.set(id, outputs[i]));
  }
  return model.outputs.map(channelsOf);
}
