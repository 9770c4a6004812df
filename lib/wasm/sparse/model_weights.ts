import {engine} from '@tensorflow/tfjs-core';
import {LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../../base/check';
import {checkLayerFilter, type LayerFilter} from '../../model/layer_selection';
import {graphWeights, isGraphModel} from './graph_weights';
import {layerWeights, type ModelWeight} from './layer_weights';

/**
 * The weights of a LayersModel or a GraphModel that may be sparse.
 *
 * @throws PruningError where `model` is neither, is disposed, or belongs to another copy of
 *   tfjs, and where `layers` does not fit it.
 */
export function modelWeights(model: unknown, layers: LayerFilter | undefined): ModelWeight[] {
  if (layers !== undefined) {
    checkLayerFilter(layers);
  }
  const weights = weightsOf(model, layers);
  for (const {name, tensor} of weights) {
    check(!tensor.isDisposed, name, 'a weight in use', 'a disposed one');
    const isKnown = engine().state.tensorInfo.has(tensor.dataId);
    check(isKnown, 'model', "a model of this library's copy of tfjs", 'a model of another copy');
  }
  return weights;
}

function weightsOf(model: unknown, layers: LayerFilter | undefined): ModelWeight[] {
  if (model instanceof LayersModel) {
    return layerWeights(model, layers);
  }
  check(isGraphModel(model), 'model', 'a tf.LayersModel or a tf.GraphModel', model);
  check(isOfNames(layers), 'layers', 'a list of names or expressions for a GraphModel', layers);
  return graphWeights(model, layers);
}

function isOfNames(
  layers: LayerFilter | undefined,
): layers is undefined | readonly (string | RegExp)[] {
  const isName = (each: unknown) => typeof each === 'string' || each instanceof RegExp;
  return layers === undefined || (typeof layers !== 'function' && layers.every(isName));
}
