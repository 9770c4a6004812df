import {cast, concat, notEqual, reshape, sum, type Tensor, tidy} from '@tensorflow/tfjs-core';
import type {layers, LayersModel} from '@tensorflow/tfjs-layers';

import {readVectors} from '../base/read_vectors';
import type {Batch} from '../data/batches';
import {chooseWeights} from '../model/choose_weights';
import type {LayerFilter} from '../model/layer_selection';
import {findWeights, type FoundWeight} from '../model/layer_walk';
import {readWeight} from '../model/read_weight';
import {callsOf} from './layer_inputs';
import {linearPartOf} from './layer_maps';
import {type DenseWeights, LayerSite} from './layer_site';

type Layer = layers.Layer;

/** A layer whose weights were not adjusted. */
export interface LeftLayer {
  /** Path of the layer, or the name of the node. */
  name: string;
  /** The reason. */
  reason: string;
}

/** The layers of a model that can be solved for, and those that are left. */
export interface LayerSites {
  /** In the order in which the model calls them. */
  readonly sites: LayerSite[];
  /** Those with weight matrices that are not among them. */
  readonly left: LeftLayer[];
}

const KIND = {one: 'layer with weights', all: 'layers with weights'};

/**
 * The layers of a pruned `model` that can be solved for: those from the first on
 * whose weights differ from `dense`. One small read.
 *
 * @param batch Samples for a run that shows the order of the layers.
 * @param layers Which layers; default: all.
 * @throws PruningError where a name in `layers` is unknown.
 */
export async function layerSites(
  model: LayersModel,
  dense: DenseWeights,
  batch: Batch,
  layers?: LayerFilter,
): Promise<LayerSites> {
  const all = findWeights(model, ({weights}) => weights);
  const chosen = new Set(
    chooseWeights(
      all.map((weight) => ({...weight, byDefault: true})),
      layers,
      KIND,
    ).map(({maker}) => maker),
  );
  const makers = byMaker(all);
  const changed = await changedLayers(all, dense);
  const calls = callsOf(model, makers.keys(), batch);
  const order = [...calls.keys()];
  const first = order.findIndex((layer) => changed.has(layer));
  const sites: LayerSite[] = [];
  const left: LeftLayer[] = [];
  for (const layer of first < 0 ? [] : order.slice(first)) {
    const weights = makers.get(layer)!;
    if (!chosen.has(layer) || !hasMatrix(weights)) {
      continue;
    }
    const name = nameOf(weights);
    const part = linearPartOf(layer);
    if (typeof part === 'string') {
      left.push({name, reason: part});
    } else {
      sites.push(new LayerSite(name, layer, part, model, calls.get(layer)!, dense));
    }
  }
  return {sites, left};
}

/** All layers of `model` that can be solved for, whether pruned or not. */
export function allLayerSites(model: LayersModel, batch: Batch): LayerSite[] {
  const all = findWeights(model, ({weights}) => weights);
  const makers = byMaker(all);
  const dense = new Map(all.map(({variable}) => [variable, readWeight(variable) as Tensor]));
  return [...callsOf(model, makers.keys(), batch)].flatMap(([layer, calls]) => {
    const weights = makers.get(layer)!;
    const part = hasMatrix(weights) ? linearPartOf(layer) : '';
    return typeof part === 'string'
      ? []
      : [new LayerSite(nameOf(weights), layer, part, model, calls, dense)];
  });
}

function byMaker(weights: readonly FoundWeight[]): Map<Layer, FoundWeight[]> {
  const makers = new Map<Layer, FoundWeight[]>();
  weights.forEach((each) => makers.set(each.maker, [...(makers.get(each.maker) ?? []), each]));
  return makers;
}

function hasMatrix(weights: readonly FoundWeight[]): boolean {
  return weights.some(({variable}) => variable.shape.length >= 2);
}

/** The path of the layer that has `weights`. */
function nameOf([{name}]: readonly FoundWeight[]): string {
  return name.slice(0, name.lastIndexOf('/'));
}

/** The layers whose weights differ from those in `dense`. */
async function changedLayers(
  weights: readonly FoundWeight[],
  dense: DenseWeights,
): Promise<Set<Layer>> {
  const [counts] = await readVectors<'float32'>(() => [
    tidy(() => {
      const differing = weights.map(({variable}) =>
        reshape(sum(cast(notEqual(readWeight(variable), dense.get(variable)!), 'float32')), [1]),
      );
      return differing.length > 1 ? concat(differing) : differing[0];
    }),
  ]);
  return new Set(weights.filter((_, i) => counts[i] > 0).map(({maker}) => maker));
}
