import {add, gather, mul, sum, type Tensor, tensor, tensor1d, tidy} from '@tensorflow/tfjs-core';
import type {LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import type {ChannelGraph} from '../channels/graph/channel_graph';
import type {ZeroAddends} from '../layers/idle_layers';
import type {LayerConfig} from '../model/layer_tree';
import {visitConfigs} from '../model/layer_tree';
import {rebuild} from '../model/rebuild';
import {effectiveWeight} from '../projection/effective_weight';
import {dropLayers} from './drop_layers';
import type {Removal} from './removal';

/** A new model like `model`, of the same weights but for the removed channels. */
export function withoutChannels<T extends LayersModel>(
  model: T,
  graph: ChannelGraph,
  removal: Removal,
): T {
  return rebuild(model, {
    edit: (config) => resize(model, config, graph, removal),
    weightOf: (variable) => smallerWeight(variable, graph, removal),
  });
}

/** A new model like `model`, of the same weights, but for layers that do nothing. */
export function withoutIdleLayers<T extends LayersModel>(model: T, zeros: ZeroAddends): T {
  return rebuild(model, {
    edit: (config) => dropLayers(model, config, zeros),
    weightOf: effectiveWeight,
  });
}

function resize(
  model: LayersModel,
  config: LayerConfig,
  {resizes}: ChannelGraph,
  {gone}: Removal,
): void {
  visitConfigs(model, config, (layer, own) => {
    for (const {ids, edit} of resizes.filter((each) => each.layer === layer)) {
      edit(own, ids.filter((id) => !gone(id)).length);
    }
  });
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
