import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {stripPruning} from '../../lib/index';
import {maskOf} from '../../lib/projection/mask';
import {polynomialDecay} from '../../lib/schedule/decay';
import {MaskUpdater} from '../../lib/weights/mask_updater';
import {resolveSelection, type SelectionArgs} from '../../lib/weights/selection';
import {kernelZeros, mlp, setWeight} from '../setup/models';

const rising = (final = 0.75) =>
  polynomialDecay({
    initialSparsity: Math.min(0.25, final),
    finalSparsity: final,
    beginStep: 0,
    endStep: 2,
    power: 1,
  });
const updaterOf = (args: SelectionArgs = {}, resume = false) =>
  new MaskUpdater({...resolveSelection(args), resume});

describe('MaskUpdater', () => {
  it('prunes to the position that it is told', async () => {
    const model = mlp();
    const updater = updaterOf();
    expect(await updater.begin(model, rising, 0)).toBe(true);
    expect(updater.sparsity).toBe(0);
    for (const [position, zeros] of [
      [0, [6, 3]],
      [1, [12, 6]],
      [2, [18, 9]],
    ] as const) {
      updater.update(position, 0);
      await updater.settle();
      expect(kernelZeros(model)).toEqual(zeros);
      expect(updater.sparsity).toBe(zeros[0] / 24);
      const {pruned, size} = await updater.measure();
      expect(pruned / size).toBe(zeros[0] / 24);
    }
    stripPruning(model);
  });

  it('goes on with the same weights, and starts anew with others or without masks', async () => {
    const [one, other] = [mlp(), mlp()];
    const updater = updaterOf();
    await updater.begin(one, rising, 0);
    updater.update(1, 0);
    expect(await updater.begin(one, rising, 0)).toBe(false);
    expect(updater.sparsity).toBe(0.5);
    stripPruning(one);
    expect(await updater.begin(one, rising, 0)).toBe(true);
    expect(updater.sparsity).toBe(0);
    expect(await updater.begin(other, rising, 0)).toBe(true);
  });

  it('waits for gradients that the criterion needs', async () => {
    const model = mlp();
    const updater = updaterOf({criterion: 'gradient'});
    await updater.begin(model, rising, 0);
    updater.update(1, 0);
    expect(updater.waiting).toBe(1);
    expect(kernelZeros(model)).toEqual([0, 0]);
    const gradients = Object.fromEntries(
      ['dense_0', 'dense_1'].map((name) => {
        const weight = model.getLayer(name).weights[0].read() as tf.Variable;
        return [weight.name, tf.clone(weight)];
      }),
    );
    updater.observe(gradients);
    updater.update(updater.waiting!, 1);
    updater.endStep();
    expect(updater.waiting).toBeNull();
    expect(kernelZeros(model)).toEqual([12, 6]);
    await updater.end();
    stripPruning(model);
    tf.dispose(gradients);
  });

  it('leaves all masks with a NaN, which settle tells', async () => {
    const model = mlp();
    const updater = updaterOf();
    await updater.begin(model, rising, 0);
    setWeight(model.layers[0], 0, Array(24).fill(NaN));
    updater.update(1, 5);
    await expect(updater.settle()).rejects.toThrow("weight 'dense_0/kernel' at step 5");
    const masks = model.layers.map(({weights}) => maskOf(weights[0]));
    expect(masks.map((mask) => tf.tidy(() => mask && tf.min(mask).dataSync()[0]))).toEqual([1, 1]);
    stripPruning(model);
  });

  it('counts more weights than float32 does', async () => {
    const dense = tfl.layers.dense({
      units: 4099,
      inputShape: [4097],
      kernelInitializer: 'ones',
      useBias: false,
    });
    const model = tfl.sequential({layers: [dense]});
    const updater = updaterOf({}, true);
    await updater.begin(model, () => () => 0, 0);
    expect(updater.sparsity).toBe(0);
    stripPruning(model);
    model.dispose();
  });
});
