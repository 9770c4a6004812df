import type {LayersModel} from '@tensorflow/tfjs-layers';
import {
  ChannelPruner,
  foldNormalization,
  NeuronPruner,
  pruneNow,
  shrink,
  stripPruning,
} from 'tfjs-prune';

import {compile, MODELS, type ModelName} from '../examples/mnist/models';

/**
 * A model and what becomes of it, by name: `dense` is the first, then one with 90 %
 * zeros, one without half of its channels and units, and that with folded
 * normalization, if it has any.
 */
export async function variants(name: ModelName): Promise<Map<string, LayersModel>> {
  const sparse: LayersModel = MODELS[name](1);
  await pruneNow(sparse, {sparsity: 0.9, scope: 'global'});
  const half = await halve(MODELS[name](1));
  return new Map([
    ['dense', MODELS[name](1)],
    ['90 % zeros', stripPruning(sparse)],
    ['half', half],
    ...(hasNormalization(half) ? [['half, folded', foldNormalization(half)] as const] : []),
  ]);
}

async function halve(model: LayersModel): Promise<LayersModel> {
  compile(model);
  const args = {initialSparsity: 0.5, finalSparsity: 0.5, beginStep: 0, endStep: 0};
  const hasUnits = model.layers.filter((layer) => layer.getClassName() === 'Dense').length > 1;
  for (const Pruner of hasUnits ? [ChannelPruner, NeuronPruner] : [ChannelPruner]) {
    const pruner = new Pruner(args);
    pruner.setModel(model);
    await pruner.onTrainBegin();
    await pruner.onTrainEnd();
  }
  const half = await shrink(stripPruning(model));
  model.dispose();
  return half;
}

function hasNormalization(model: LayersModel): boolean {
  return model.layers.some((layer) => layer.getClassName() === 'BatchNormalization');
}
