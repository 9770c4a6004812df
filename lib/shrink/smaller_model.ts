import {add, gather, mul, sum, type Tensor, tensor, tensor1d, tidy} from '@tensorflow/tfjs-core';
import type {layers, LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import type {Binding, ChannelGraph, Resize} from '../channels/graph/channel_graph';
import type {ZeroAddends} from '../layers/idle_layers';
import type {LayerConfig} from '../model/layer_tree';
import {visitConfigs} from '../model/layer_tree';
import {rebuild} from '../model/rebuild';
import {effectiveWeight} from '../projection/effective_weight';
import {dropLayers} from './drop_layers';
import type {Fold, Removal} from './removal';

type Layer = layers.Layer;

/** A new model like `model`, of the same weights but for the removed channels. */
export function withoutChannels<T extends LayersModel>(
  model: T,
  graph: ChannelGraph,
  removal: Removal,
): T {
  const plan = planOf(graph, removal);
  return rebuild(model, {
    edit: (config) => resize(model, config, plan),
    weightOf: (variable) => smallerWeight(variable, plan),
  });
}

/** A new model like `model`, of the same weights, but for layers that do nothing. */
export function withoutIdleLayers<T extends LayersModel>(model: T, zeros: ZeroAddends): T {
  return rebuild(model, {
    edit: (config) => dropLayers(model, config, zeros),
    weightOf: effectiveWeight,
  });
}

/** What becomes of each layer and weight. */
interface Plan {
  readonly gone: Removal['gone'];
  readonly resizes: ReadonlyMap<Layer, readonly Resize[]>;
  readonly bindings: ReadonlyMap<LayerVariable, readonly Binding[]>;
  /** By the bias that they are added to. */
  readonly folds: ReadonlyMap<LayerVariable, readonly Fold[]>;
}

function planOf(graph: ChannelGraph, {gone, folds}: Removal): Plan {
  const withBias = folds.filter(({consumer}) => consumer.bias != null);
  return {
    gone,
    resizes: groupBy(graph.resizes, ({layer}) => layer),
    bindings: groupBy(graph.bindings, ({variable}) => variable),
    folds: groupBy(withBias, ({consumer}) => consumer.bias as LayerVariable),
  };
}

function groupBy<K, T>(all: readonly T[], keyOf: (each: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const each of all) {
    const group = groups.get(keyOf(each));
    if (group) {
      group.push(each);
    } else {
      groups.set(keyOf(each), [each]);
    }
  }
  return groups;
}

function resize(model: LayersModel, config: LayerConfig, {resizes, gone}: Plan): void {
  visitConfigs(model, config, (layer, own) => {
    for (const {ids, edit} of resizes.get(layer) ?? []) {
      edit(own, ids.filter((id) => !gone(id)).length);
    }
  });
}

function smallerWeight(variable: LayerVariable, {bindings, folds, gone}: Plan): Tensor {
  let weight = effectiveWeight(variable);
  const folded = new Set<LayerVariable>();
  for (const {consumer, values} of folds.get(variable) ?? []) {
    const {variable: kernel, axis} = consumer;
    if (kernel && !folded.has(kernel)) {
      // A shared kernel has seen the same constants in each of its uses.
      folded.add(kernel);
      weight = add(
        weight,
        tidy(() => sumOver(effectiveWeight(kernel), axis as number, values)),
      );
    }
  }
  for (const {axis, ids} of bindings.get(variable) ?? []) {
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
