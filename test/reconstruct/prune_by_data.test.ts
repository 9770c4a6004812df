import * as tf from '@tensorflow/tfjs-core';
import {layers, type LayersModel, sequential} from '@tensorflow/tfjs-layers';

import {getMask, pruneNow, type PruneNowArgs, PruningError, stripPruning} from '../../lib/index';
import {data, fillKernels, kernel, kernelZeros, mlp, state, values, zeros} from '../setup/models';

/** An MLP of 12-16-8 that is not compiled. */
function made(): LayersModel {
  return fillKernels(
    sequential({
      layers: [
        layers.dense({units: 16, inputShape: [12], activation: 'relu', name: 'dense_0'}),
        layers.dense({units: 8, name: 'dense_1'}),
      ],
    }),
  );
}

const samples = () => {
  // Inputs that go together by threes, as those of images do.
  const some = tf.randomNormal([300, 4], 0.3, 1, 'float32', 5);
  const noise = tf.randomNormal([300, 12], 0, 0.3, 'float32', 6);
  return tf.add(tf.concat([some, some, some], 1), noise);
};

function distance(a: LayersModel, b: LayersModel, x: tf.Tensor): number {
  return tf.tidy(() => {
    const difference = tf.sub(a.predict(x) as tf.Tensor, b.predict(x) as tf.Tensor);
    return tf.mean(tf.square(difference)).dataSync()[0];
  });
}

const cases: Array<[string, PruneNowArgs, number[]]> = [
  ['each layer', {sparsity: 0.5}, [96, 64]],
  ['all together', {sparsity: 0.5, scope: 'global'}, []],
  ['blocks', {sparsity: 0.5, structure: {block: [1, 4]}}, [96, 64]],
  ['blocks that do not divide', {sparsity: 0.5, structure: {block: [3, 3]}}, []],
  ['2:4', {sparsity: 0.5, structure: {n: 2, m: 4}}, [96, 64]],
];

describe('pruneNow with calibration', () => {
  it.each(cases)('prunes %s as without, and solves for the rest', async (_, args, counts) => {
    const x = samples();
    const [plain, solved, admm] = [made(), made(), made()];
    await pruneNow(plain, args);
    const report = await pruneNow(solved, {...args, calibration: {x}});
    await pruneNow(admm, {...args, calibration: {x}, mask: 'admm'});
    if (counts.length > 0) {
      expect(kernelZeros(plain)).toEqual(counts);
    }
    expect(kernelZeros(solved)).toEqual(kernelZeros(plain));
    for (const name of ['dense_0', 'dense_1']) {
      expect(values(getMask(solved, name)!)).toEqual(values(getMask(plain, name)!));
      const kept = kernel(admm, name).map((value) => (value === 0 ? 0 : 1));
      expect(values(getMask(admm, name)!)).toEqual(kept);
    }
    const isEven = counts.length > 0 || args.scope === 'global';
    expect(isEven ? kernelZeros(admm) : []).toEqual(isEven ? kernelZeros(plain) : []);
    expect(report.layers.map(({name}) => name)).toEqual(['dense_0', 'dense_1']);
    const errors = [plain, solved, admm].map((model) => distance(model, made(), x));
    expect(errors[1]).toBeLessThan(0.5 * errors[0]);
    expect(errors[2]).toBeLessThan(1.1 * errors[1]);
  });

  it('keeps zeros that were there with ADMM', async () => {
    const model = made();
    await pruneNow(model, {sparsity: 0.25});
    const first = kernel(model, 'dense_0');
    stripPruning(model);
    await pruneNow(model, {sparsity: 0.5, calibration: {x: samples()}, mask: 'admm'});
    const second = kernel(model, 'dense_0');
    first.forEach((value, i) => value !== 0 || expect(second[i]).toBe(0));
    expect(zeros(second)).toBe(96);
  });

  it('gives an empty report without', async () => {
    expect(await pruneNow(made(), {sparsity: 0.5})).toEqual({layers: [], left: []});
  });

  it('keeps no tensors but the masks', async () => {
    const [x, one, two] = [samples(), made(), made()];
    const before = tf.memory().numTensors;
    await pruneNow(one, {sparsity: 0.5, calibration: {x}});
    await pruneNow(two, {sparsity: 0.5, calibration: {x}, mask: 'admm'});
    expect(tf.memory().numTensors).toBe(before + 4);
  });

  it('leaves the model as it was when it is stopped', async () => {
    const model = mlp();
    const {x} = data();
    const before = state(model);
    for (const mask of ['criterion', 'admm'] as const) {
      const stopped = pruneNow(model, {
        sparsity: 0.5,
        calibration: {x},
        mask,
        onProgress: () => false,
      });
      await expect(stopped).rejects.toThrow(expect.objectContaining({name: 'AbortError'}));
      expect(state(model)).toEqual(before);
      expect(getMask(model, 'dense_0')).toBeNull();
    }
  });

  const bad: Array<[string, object]> = [
    ['calibration', {calibration: 5}],
    ['calibration.x', {calibration: {}}],
    ['calibration.x', {calibration: {x: tf.zeros}}],
    ['mask', {mask: 'best'}],
    ['mask', {mask: 'admm'}],
    ['onProgress', {onProgress: () => {}}],
    ['signal', {signal: new AbortController().signal}],
    ['signal', {signal: 1}],
  ];

  it.each(bad)('refuses %s: %j', async (argument, args) => {
    const model = mlp();
    const before = state(model);
    const failure = pruneNow(model, {sparsity: 0.5, ...args} as PruneNowArgs);
    await expect(failure).rejects.toThrow(PruningError);
    await expect(failure).rejects.toMatchObject({argument});
    expect(state(model)).toEqual(before);
  });

  it('refuses samples of another shape once it has looked at the model', async () => {
    const model = mlp();
    const x = tf.zeros([3, 9]);
    const before = state(model);
    await expect(pruneNow(model, {sparsity: 0.5, calibration: {x}})).rejects.toMatchObject({
      argument: 'calibration.x',
    });
    expect(state(model)).toEqual(before);
  });
});
