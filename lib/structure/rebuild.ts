import {add, gather, mul, sum, type Tensor, tensor, tensor1d, tidy} from '@tensorflow/tfjs-core';
import {LayersModel, type LayerVariable, Sequential} from '@tensorflow/tfjs-layers';

import {PruningError} from '../errors';
import {partsOf} from '../layer_walk';
import {readWeight} from '../mask';
import type {ChannelGraph, LayerConfig} from './channel_graph';
import {effectiveWeight} from './effective_weight';
import {visitConfigs, weightsOf} from './layer_tree';
import type {Removal} from './removal';

type Layer = LayersModel['layers'][number];

/** A new model like `model`, of the same weights but for the removed channels. */
export function rebuild<T extends LayersModel>(model: T, graph: ChannelGraph, removal: Removal): T {
  const smaller = fromConfig(model, smallerConfig(model, graph, removal));
  try {
    copyTrainable(model, smaller);
    const targets = weightsOf(smaller);
    weightsOf(model).forEach((variable, i) => {
      tidy(() => {
        readWeight(targets[i]).assign(smallerWeight(variable, graph, removal));
      });
      targets[i].trainable = variable.trainable;
    });
  } catch (cause) {
    smaller.dispose();
    throw cause;
  }
  return smaller as T;
}

function smallerConfig(model: LayersModel, graph: ChannelGraph, {gone}: Removal): LayerConfig {
  // A copy, since a configuration shares arrays with its layer.
  const config = JSON.parse(JSON.stringify(model.getConfig())) as LayerConfig;
  visitConfigs(model, config, (layer, own) => {
    completeConfig(layer, own);
    for (const {ids, edit} of graph.resizes.filter((resize) => resize.layer === layer)) {
      edit(own, ids.filter((id) => !gone(id)).length);
    }
  });
  return config;
}

/** Puts right what tfjs-layers 4.22 leaves out of a configuration, or gets wrong. */
function completeConfig(layer: Layer, config: LayerConfig): void {
  if (layer.getClassName() === 'SeparableConv2D') {
    config.depthMultiplier = Reflect.get(layer, 'depthMultiplier');
  }
  if (layer.getClassName() === 'DepthwiseConv2D') {
    const constraint = Reflect.get(layer, 'depthwiseConstraint') as {
      getClassName(): string;
      getConfig(): LayerConfig;
    } | null;
    config.depthwiseConstraint = constraint && {
      className: constraint.getClassName(),
      config: constraint.getConfig(),
    };
  }
}

function fromConfig(model: LayersModel, config: LayerConfig): LayersModel {
  const type = model instanceof Sequential ? Sequential : LayersModel;
  try {
    return type.fromConfig<LayersModel>(type as never, config as never, {}, true);
  } catch (cause) {
    throw new PruningError('model', 'a model that its own configuration can make again', cause, {
      cause,
    });
  }
}

/** Which layers are trainable is not in the configuration of a nested model. */
function copyTrainable(from: Layer, to: Layer): void {
  if (from instanceof LayersModel && !from.trainable) {
    to.trainable = false;
  }
  const targets = new Map(partsOf(to).map((part) => [part.name, part]));
  for (const part of partsOf(from)) {
    const target = targets.get(part.name);
    if (target) {
      copyTrainable(part, target);
    }
  }
}

function smallerWeight(
  variable: LayerVariable,
  {bindings}: ChannelGraph,
  {gone, folds}: Removal,
): Tensor {
  let weight = effectiveWeight(variable);
  const folded = new Set<LayerVariable>();
  for (const {consumer, values} of folds) {
    const {variable: kernel, axis, bias} = consumer;
    if (kernel && bias === variable && !folded.has(kernel)) {
      // A shared kernel has seen the same constants in each of its uses.
      folded.add(kernel);
      weight = add(
        weight,
        tidy(() => sumOver(effectiveWeight(kernel), axis as number, values)),
      );
    }
  }
  for (const {axis, ids} of bindings.filter((binding) => binding.variable === variable)) {
    const kept = ids.flatMap((id, i) => (gone(id) ? [] : [i]));
    if (kept.length < ids.length) {
      weight = gather(weight, tensor1d(kept, 'int32'), axis);
      // On wasm what gather returns has the rank of its inner loops below the
      // surface, which fused layers refuse in a bias; a product is as it looks.
      weight = weight.rank === 1 ? mul(weight, 1) : weight;
    }
  }
  return weight;
}

/** What constant inputs add up to, by output: the kernel's last axis. */
function sumOver(kernel: Tensor, axis: number, values: Float32Array): Tensor {
  const along = kernel.shape.map((size, i) => (i === axis ? size : 1));
  const others = kernel.shape.map((_, i) => i).slice(0, -1);
  return sum(mul(kernel, tensor(values, along)), others);
}
