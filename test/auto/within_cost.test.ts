import {layers, sequential} from '@tensorflow/tfjs-layers';

import {prunerArgs, type Setting} from '../../lib/auto/candidate';
import {costOf} from '../../lib/auto/cost';
import {sparsitiesWithin, sparsityFor} from '../../lib/auto/within_cost';
import {prunableLayers, pruneAtOnce, type Granularity} from '../../lib/callbacks/granularity';
import {ModelState} from '../../lib/projection/model_state';
import {fillKernels} from '../setup/models';

/** 9 places with 8 weights each, and 36 weights: 108 multiply-accumulates, 46 parameters. */
function convolution() {
  const model = sequential({
    layers: [
      layers.conv2d({filters: 2, kernelSize: 2, inputShape: [4, 4, 1], name: 'conv'}),
      layers.flatten(),
      layers.dense({units: 2, useBias: false, name: 'dense'}),
    ],
  });
  model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
  return fillKernels(model);
}

function settingFor(model: ReturnType<typeof convolution>, granularity: Granularity): Setting {
  const found = prunableLayers(model, granularity);
  const points = [{sparsity: 0.5, metric: 1.1}];
  const scanned = found.map((layer) => ({...layer, points}));
  const sensitivity = {granularity, metric: 'loss', baseline: 1, layers: scanned};
  return {
    granularity,
    layers: found,
    leftAlone: [],
    sensitivity,
    isLoss: true,
    stepsPerEpoch: 4,
    seed: 1,
  };
}

describe('sparsitiesWithin', () => {
  it.each([
    // 4 of 8 and 16 of 36 weights go: 9 · 4 + 20.
    [60, 0.4375, 56],
    // 6 of 8 and 25 of 36: 9 · 2 + 11.
    [30, 0.6875, 29],
    [108, 0, 108],
  ])('keeps to %s multiply-accumulates at a uniform sparsity', async (most, expected, macs) => {
    const model = convolution();
    const state = new ModelState(model);
    const setting = settingFor(model, 'weight');
    const workplace = {model, restore: () => state.restore()};
    const found = await sparsitiesWithin('macs', most, workplace, setting);
    expect(Object.keys(found).sort()).toEqual(['sensitivity', 'uniform']);
    expect(found.uniform).toBeCloseTo(expected, 3);
    expect(await costOf(model, 'weight')).toEqual({parameters: 46, macs: 108});
    const variant = {allocation: 'uniform', scoring: 'magnitude', rise: 0.6, epochs: 1} as const;
    const candidate = {...variant, sparsity: found.uniform!};
    const {layers: selection, scope} = prunerArgs(candidate, setting);
    await pruneAtOnce(model, 'weight', {layers: selection, scope}, found.uniform!);
    expect((await costOf(model, 'weight')).macs).toBe(macs);
    state.dispose();
  });

  it('keeps to multiply-accumulates after shrink', async () => {
    const model = convolution();
    const state = new ModelState(model);
    const workplace = {model, restore: () => state.restore()};
    // One of two filters: 9 · 4 + 18, and 4 + 1 + 18 parameters.
    const found = await sparsitiesWithin('macs', 54, workplace, settingFor(model, 'channel'));
    await pruneAtOnce(model, 'channel', {layers: ['conv'], scope: 'layer'}, found.uniform!);
    expect(await costOf(model, 'channel')).toEqual({parameters: 23, macs: 54});
    state.dispose();
  });
});

describe('sparsityFor', () => {
  const bytesAt = async (sparsity: number) => 4 * (Math.round(1000 * (1 - sparsity)) + 20);

  it.each([4080, 2800, 400, 120])('finds the least sparsity that leaves %s', async (most) => {
    const sparsity = await sparsityFor('size', most, bytesAt);
    expect(await bytesAt(sparsity)).toBeLessThanOrEqual(most);
    const less = Math.max(0, sparsity - 2 ** -11);
    expect(most === 4080 || (await bytesAt(less)) > most).toBe(true);
  });

  it.each([
    ['size', 'size: expected at least 88 bytes, but got 40'],
    ['macs', 'macs: expected at least 88 multiply-accumulates, but got 40'],
    ['millis', 'millis: expected at least 88 milliseconds, but got 40'],
  ] as const)('says what is the least of %s', async (name, message) => {
    await expect(sparsityFor(name, 40, bytesAt)).rejects.toThrow(message);
  });

  it('measures few times, and leaves a reserve of a twentieth', async () => {
    let calls = 0;
    const millisAt = async (sparsity: number) => ++calls && 10 * (1 - sparsity);
    const sparsity = await sparsityFor('millis', 5, millisAt);
    expect(10 * (1 - sparsity)).toBeLessThanOrEqual(4.75);
    expect(10 * (1 - sparsity)).toBeGreaterThan(4.75 - 10 * 2 ** -6);
    expect(calls).toBeLessThan(10);
  });
});
