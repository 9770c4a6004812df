import type {layers, LayerVariable, Shape} from '@tensorflow/tfjs-layers';
import {LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {partsOf} from './layer_walk';
import {ownWeights} from './layer_weights';

type Layer = layers.Layer;

/** A layer's configuration, as `getConfig()` gives it. */
export type LayerConfig = Record<string, unknown>;

/**
 * All weights of a layer and its parts, in the same order in each model of the
 * same configuration, whatever is trainable in it.
 */
export function weightsOf(layer: Layer): LayerVariable[] {
  const parts = layer instanceof LayersModel ? byName(layer.layers) : partsOf(layer);
  if (parts.length > 0) {
    return parts.flatMap(weightsOf);
  }
  return ownWeights(layer);
}

/** The weights of `to`, each with that of the layer of the same name in `from`. */
export function weightPairs(from: Layer, to: Layer): Array<[LayerVariable, LayerVariable]> {
  if (to instanceof LayersModel) {
    const sources = new Map(partsOf(from).map((part) => [part.name, part]));
    return to.layers.flatMap((part) => {
      const source = sources.get(part.name);
      return source ? weightPairs(source, part) : [];
    });
  }
  const parts = partsOf(to);
  if (parts.length > 0) {
    return partsOf(from).flatMap((source, i) => weightPairs(source, parts[i]));
  }
  const sources = weightsOf(from);
  // A layer that was given a bias has one weight more.
  return weightsOf(to).flatMap((target, i) => (sources[i] ? [[sources[i], target]] : []));
}

/** The layers in `model` and its nested models, each with its path of names. */
export function namedLayers(model: LayersModel, path = ''): Array<{path: string; layer: Layer}> {
  return model.layers.flatMap((layer) => {
    const own = path + layer.name;
    const inner = layer instanceof LayersModel ? namedLayers(layer, `${own}/`) : [];
    return [{path: own, layer}, ...inner];
  });
}

/** Calls `visit` with each layer in a model and its part of the model's configuration. */
export function visitConfigs(
  layer: Layer,
  config: LayerConfig,
  visit: (layer: Layer, config: LayerConfig) => void,
): void {
  visit(layer, config);
  if (layer instanceof LayersModel) {
    const configs = config.layers as Array<{config: LayerConfig}>;
    layer.layers.forEach((part, i) => visitConfigs(part, configs[i].config, visit));
  } else if ('layer' in config) {
    // A Bidirectional has one configuration for both of its layers.
    visitConfigs(partsOf(layer)[0], (config.layer as {config: LayerConfig}).config, visit);
  }
}

/** A use of a layer in a model. */
export type GraphNode = LayersModel['nodesByDepth'][string][number];

/** The uses of layers that make up `model`, in the order in which they run. */
export function nodesOf(model: LayersModel): GraphNode[] {
  check(model.inputs.length > 0, 'model', 'a model with layers', 'an empty one');
  if (!model.built) {
    model.build(model.inputs[0].shape);
  }
  const depths = Object.keys(model.nodesByDepth).map(Number);
  return depths.sort((a, b) => b - a).flatMap((depth) => model.nodesByDepth[depth]);
}

/** The shapes of a layer's outputs, batch first, for inputs of these shapes. */
export function outputShapes(layer: Layer, ...inputs: Shape[]): Shape[] {
  const shapes = layer.computeOutputShape(inputs.length === 1 ? inputs[0] : inputs);
  return Array.isArray(shapes[0]) ? (shapes as Shape[]) : [shapes as Shape];
}

/** Layers in an order that does not depend on how a model was put together. */
function byName(all: readonly Layer[]): Layer[] {
  return [...all].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The shapes of what a layer gives, of all its uses. */
export function madeShapes(layer: Layer): Shape[] {
  return layer.inboundNodes.flatMap((node) => Reflect.get(node, 'outputShapes') as Shape[]);
}
