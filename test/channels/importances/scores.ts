import * as tf from '@tensorflow/tfjs-core';
import {layers, type LayersModel, sequential} from '@tensorflow/tfjs-layers';

import {ChannelScorer, type ImportanceArgs} from '../../../lib/channels/channel_scorer';
import {setWeight, values} from '../../setup/models';
import {groupOf} from '../../shrink/shrunk';

/** The scores of the channels that layer `name` makes, checked to leave no tensors behind. */
export async function scoresOf(
  model: LayersModel,
  name: string,
  args: ImportanceArgs,
  pruned: number[] = [],
): Promise<number[]> {
  const group = groupOf(model, name);
  const tensors = tf.memory().numTensors;
  const scorer = new ChannelScorer({seed: 1, ...args});
  await scorer.begin(model, [group]);
  const scores = await scorer.score(model, [{group, pruned: new Set(pruned)}]);
  const numbers = [...values(scores)].map((each) => Number(each.toFixed(4)));
  scores.dispose();
  scorer.dispose();
  expect(tf.memory().numTensors).toBe(tensors);
  return numbers;
}

/**
 * Two units of weights `kernel`, by rows of inputs, without biases, and an
 * output that is `out` times them; compiled with the squared error.
 */
export function twoUnits(
  kernel: number[],
  out: number[],
  activation: 'relu' | 'linear' = 'linear',
): LayersModel {
  const dense = {useBias: false};
  const model = sequential({
    layers: [
      layers.dense({...dense, units: 2, activation, name: 'p', inputShape: [kernel.length / 2]}),
      layers.dense({...dense, units: 1, name: 'out'}),
    ],
  });
  setWeight(model.getLayer('p'), 0, kernel);
  setWeight(model.getLayer('out'), 0, out);
  model.compile({optimizer: tf.train.sgd(0), loss: 'meanSquaredError'});
  return model;
}
