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
    const [plain, solved, gradual, admm] = [made(), made(), made(), made()];
    await pruneNow(plain, args);
    const report = await pruneNow(solved, {...args, calibration: {x}, mask: 'criterion'});
    await pruneNow(gradual, {...args, calibration: {x}, mask: 'gradual'});
    await pruneNow(admm, {...args, calibration: {x}, mask: 'admm'});
    if (counts.length > 0) {
      expect(kernelZeros(plain)).toEqual(counts);
    }
    expect(kernelZeros(solved)).toEqual(kernelZeros(plain));
    for (const name of ['dense_0', 'dense_1']) {
      expect(values(getMask(solved, name)!)).toEqual(values(getMask(plain, name)!));
      for (const chosen of [gradual, admm]) {
        const kept = kernel(chosen, name).map((value) => (value === 0 ? 0 : 1));
        expect(values(getMask(chosen, name)!)).toEqual(kept);
      }
    }
    const isEven = counts.length > 0 || args.scope === 'global';
    for (const chosen of isEven ? [gradual, admm] : []) {
      expect(kernelZeros(chosen)).toEqual(kernelZeros(plain));
    }
    expect(report.layers.map(({name}) => name)).toEqual(['dense_0', 'dense_1']);
    const errors = [plain, solved, admm, gradual].map((model) => distance(model, made(), x));
    expect(errors[1]).toBeLessThan(0.5 * errors[0]);
    expect(errors[2]).toBeLessThan(1.1 * errors[1]);
    // Blocks at edges are smaller, and others may go.
    expect(errors[3]).toBeLessThan((isEven ? 1.1 : 1.3) * errors[1]);
  });

  it('chooses in cuts by default, where a magnitude of single weights or blocks does', async () => {
    const x = samples();
    const masksOf = async (args: Partial<PruneNowArgs>) => {
      const model = made();
      await pruneNow(model, {sparsity: 0.5, calibration: {x}, ...args});
      return values(getMask(model, 'dense_0')!);
    };
    const [byCuts, byCriterion] = [
      await masksOf({mask: 'gradual'}),
      await masksOf({mask: 'criterion'}),
    ];
    expect(byCuts).not.toEqual(byCriterion);
    expect(await masksOf({})).toEqual(byCuts);
    for (const args of [{criterion: 'random'}, {structure: {n: 2, m: 4}}] as const) {
      expect(await masksOf(args)).toEqual(await masksOf({...args, mask: 'criterion'}));
    }
  });

  it('prunes a weight that is zero as a whole as without', async () => {
    const model = made();
    const [layer] = model.layers;
    const [weights, ...rest] = layer.getWeights();
    layer.setWeights([tf.zerosLike(weights), ...rest]);
    await pruneNow(model, {sparsity: 0.5, calibration: {x: samples()}});
    expect(zeros(values(getMask(model, 'dense_0')!))).toBe(96);
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
    for (const mask of ['criterion', 'gradual', 'admm'] as const) {
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
