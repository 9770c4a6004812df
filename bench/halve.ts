import type {LayersModel} from '@tensorflow/tfjs-layers';
import {ChannelPruner, NeuronPruner, shrink, stripPruning} from 'tfjs-prune';

import {compile} from '../examples/mnist/models';

/** `model` without half of the channels of each layer, and half of the units; it gets masks. */
export async function halve(model: LayersModel): Promise<LayersModel> {
  compile(model);
  const args = {initialSparsity: 0.5, finalSparsity: 0.5, beginStep: 0, endStep: 0};
  const hasUnits = model.layers.filter((layer) => layer.getClassName() === 'Dense').length > 1;
  for (const Pruner of hasUnits ? [ChannelPruner, NeuronPruner] : [ChannelPruner]) {
    const pruner = new Pruner(args);
    pruner.setModel(model);
    await pruner.onTrainBegin();
    await pruner.onTrainEnd();
  }
  return shrink(stripPruning(model));
}

export function hasNormalization(model: LayersModel): boolean {
  return model.layers.some((layer) => layer.getClassName() === 'BatchNormalization');
}
