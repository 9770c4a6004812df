import * as tf from '@tensorflow/tfjs-core';
import {layers, sequential} from '@tensorflow/tfjs-layers';

import {ChannelScorer} from '../../../lib/channels/channel_scorer';
import {onOptimizerStep} from '../../../lib/projection/optimizer_step';
import {setWeight, values} from '../../setup/models';
import {groupOf} from '../../shrink/shrunk';
import {scoresOf, twoUnits} from './scores';

const importance = 'taylor';

describe('taylor', () => {
  // a, b = 1, 2 and c, d = 3, 1: an output of 5, where 4 is wanted. The gradients of
  // (a, b) are (6, 2); at an input of 2, where 9 is wanted, they are (12, 4).
  const model = () => twoUnits([1, 2], [3, 1]);
  const x = () => tf.tensor2d([[1], [2]]);
  const y = () => tf.tensor2d([[4], [9]]);

  it('is the square of Σ g·w, averaged over batches', async () => {
    const calibration = {x: x(), y: y(), batchSize: 1};
    const expected = [(36 + 144) / 2, (16 + 64) / 2];
    expect(await scoresOf(model(), 'p', {importance, calibration})).toEqual(expected);
    // The gradients of one batch are averaged first.
    const together = {...calibration, batchSize: 2};
    expect(await scoresOf(model(), 'p', {importance, calibration: together})).toEqual([81, 36]);
  });

  it('goes by the steps of training without data, each time anew', async () => {
    const trained = model();
    const group = groupOf(trained, 'p');
    const scorer = new ChannelScorer({importance});
    await scorer.begin(trained, [group]);
    expect(scorer.isWaiting).toBe(true);
    const detach = onOptimizerStep(trained, {
      before: (gradients) => scorer.observe(gradients),
      after: () => {},
    });
    const [first, second] = [0, 1].map((i) => [tf.slice(x(), i, 1), tf.slice(y(), i, 1)] as const);
    const score = async () => {
      const scores = await scorer.score(trained, [{group, pruned: new Set()}]);
      return [...values(scores)];
    };
    await trained.trainOnBatch(...first);
    await trained.trainOnBatch(...second);
    expect(scorer.isWaiting).toBe(false);
    expect(await score()).toEqual([(36 + 144) / 2, (16 + 64) / 2]);
    expect(scorer.isWaiting).toBe(true);
    await trained.trainOnBatch(...first);
    expect(await score()).toEqual([36, 16]);
    scorer.dispose();
    detach();
  });

  it('counts the bias with its kernel', async () => {
    const biased = sequential({
      layers: [
        layers.dense({units: 2, name: 'p', inputShape: [1]}),
        layers.dense({units: 1, useBias: false}),
      ],
    });
    biased.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    biased.setWeights([tf.tensor2d([[1, 2]]), tf.tensor1d([1, 0]), tf.tensor2d([[3], [1]])]);
    // An output of 8, where 7 is wanted: both gradients of the first unit are 6.
    const calibration = {x: tf.tensor2d([[1]]), y: tf.tensor2d([[7]])};
    expect(await scoresOf(biased, 'p', {importance, calibration})).toEqual([144, 16]);
  });

  it('is of gamma and beta where the channels are normalized', async () => {
    const normalized = sequential({
      layers: [
        layers.dense({units: 2, name: 'p', inputShape: [1], useBias: false}),
        layers.batchNormalization({name: 'n', epsilon: 1e-7}),
        layers.dense({units: 1, useBias: false, name: 'out'}),
      ],
    });
    normalized.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    setWeight(normalized.getLayer('p'), 0, [1, 2]);
    // Normalized by mean 0 and variance 1, then times (2, 1) and plus (1, 0): (3, 2).
    setWeight(normalized.getLayer('n'), 0, [2, 1]);
    setWeight(normalized.getLayer('n'), 1, [1, 0]);
    setWeight(normalized.getLayer('out'), 0, [3, 1]);
    // An output of 11, where 10 is wanted: gradients of (6, 2) at both normalized units.
    const calibration = {x: tf.tensor2d([[1]]), y: tf.tensor2d([[10]])};
    const [first, second] = await scoresOf(normalized, 'p', {importance, calibration});
    expect(first).toBeCloseTo((6 * 3) ** 2, 2);
    expect(second).toBeCloseTo((2 * 2) ** 2, 2);
  });
});
