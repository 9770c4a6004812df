import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {
  ClusterWeights,
  ConstantSparsity,
  DynamicSparsity,
  L1Regularizer,
  LayerPruner,
  PolynomialDecay,
  PruningError,
  QuantizeAware,
  setMask,
} from '../../lib/index';
import {fillKernels, probe, QUIET, setWeight, values} from '../setup/models';

const MOMENTUM = 0.9;
const BATCHES = 6;

/** Channels that are normalized behind a layer of four weights; steps leave all as it is. */
function network(
  args: {momentum?: number; trainable?: boolean} = {},
  ...between: tfl.layers.Layer[]
): tfl.LayersModel {
  const layers = [
    tfl.layers.dense({units: 2, inputShape: [2], name: 'dense', useBias: false}),
    ...between,
    tfl.layers.batchNormalization({name: 'norm', momentum: MOMENTUM, ...args}),
    tfl.layers.dense({units: 1, name: 'out'}),
  ];
  return compiled(fillKernels(tfl.sequential({layers})));
}

function compiled<T extends tfl.LayersModel>(model: T): T {
  model.compile({optimizer: tf.train.sgd(0), loss: 'meanSquaredError'});
  setWeight(model.getLayer('dense'), 0, [1, 0.5, 2, 4]);
  return model;
}

let x: tf.Tensor2D;
let y: tf.Tensor;

beforeAll(() => {
  x = tf.randomNormal([10 * BATCHES, 2], 1, 2, 'float32', 3);
  y = tf.zeros([10 * BATCHES, 1]);
});
afterAll(() => tf.dispose([x, y]));

/** Trains for an epoch of six batches of ten. */
const fit = (model: tfl.LayersModel, ...callbacks: tfl.Callback[]) =>
  model.fit(x, y, {...QUIET, epochs: 1, callbacks});

function norm(model: tfl.LayersModel): tfl.layers.Layer & {momentum: number} {
  return model.getLayer('norm') as tfl.layers.Layer & {momentum: number};
}

const moving = (model: tfl.LayersModel) =>
  ['movingMean', 'movingVariance'].flatMap((field) => [
    ...values(Reflect.get(norm(model), field) as {read(): tf.Tensor}),
  ]);

/** The mean and the variance of each channel in batches `from` to `to`, each batch's own. */
function ofBatches(kernel: number[], from: number, to = BATCHES): number[][] {
  return Array.from({length: to - from}, (_, i) =>
    tf.tidy(() => {
      const out = tf.matMul(tf.slice(x, 10 * (from + i), 10), tf.tensor2d(kernel, [2, 2]));
      const {mean, variance} = tf.moments(out, 0);
      return [...values(mean), ...values(variance)];
    }),
  );
}

/** What follows from `start` where each of `batches` counts one less `momentum(k)`. */
function average(start: number[], batches: number[][], momentum: (k: number) => number): number[] {
  return batches.reduce(
    (old, batch, k) => old.map((value, i) => value * momentum(k) + batch[i] * (1 - momentum(k))),
    start,
  );
}

const DENSE = [1, 0.5, 2, 4];
const PRUNED = [0, 0, 2, 4];
const START = [0, 0, 1, 1];
const asTrained = () => MOMENTUM;
const cumulative = (k: number) => Math.min(MOMENTUM, k / (k + 1));
const half = (args: object = {}) =>
  new ConstantSparsity({targetSparsity: 0.5, layers: ['dense'], frequency: 1000, ...args});

function expectClose(received: number[], expected: number[]): void {
  received.forEach((value, i) =>
    expect(Math.abs(value - expected[i]) / (1 + Math.abs(expected[i]))).toBeLessThan(2e-3),
  );
}

describe('moving statistics', () => {
  it('are the mean of the batches since the masks changed', async () => {
    const model = network();
    await fit(model, half({beginStep: 2}));
    expectClose(moving(model), average(START, ofBatches(PRUNED, 2), cumulative));
  });

  it('are those of tfjs until then', async () => {
    const model = network();
    const at: number[][] = [];
    const look = probe({
      onBatchEnd: async (batch) => void (batch === 1 && at.push(moving(model))),
    });
    await fit(model, half({beginStep: 4}), look);
    expectClose(at[0], average(START, ofBatches(DENSE, 0, 2), asTrained));
  });

  it('change no faster than by the momentum of the layer', async () => {
    const model = network({momentum: 0.5});
    await fit(model, half({beginStep: 0}));
    const momentum = (k: number) => Math.min(0.5, k / (k + 1));
    expectClose(moving(model), average(START, ofBatches(PRUNED, 0), momentum));
  });

  it('stay those of tfjs where that is asked for', async () => {
    const model = network();
    await fit(model, half({beginStep: 2, normalization: 'keep'}));
    const before = average(START, ofBatches(DENSE, 0, 2), asTrained);
    expectClose(moving(model), average(before, ofBatches(PRUNED, 2), asTrained));
  });

  it('are those of tfjs in a later fit without callbacks', async () => {
    const model = network();
    await fit(model, half({beginStep: 5}));
    const start = moving(model);
    await fit(model);
    expectClose(moving(model), average(start, ofBatches(PRUNED, 0), asTrained));
  });

  it('go on as a mean in a second fit of the callback', async () => {
    const model = network();
    const pruner = half({beginStep: 4});
    await fit(model, pruner);
    await fit(model, pruner);
    const batches = [...ofBatches(PRUNED, 4), ...ofBatches(PRUNED, 0)];
    expectClose(moving(model), average(START, batches, cumulative));
  });

  it.each([10 * BATCHES, 10 * BATCHES + 6])(
    'count all steps of time the same, with %d samples',
    async (samples) => {
      const steps = 4;
      // The later in time, the larger.
      const x = tf.tidy(() => {
        const noise = tf.randomNormal([samples, steps, 2], 0, 1, 'float32', 5);
        return tf.add(noise, tf.reshape(tf.range(0, steps), [1, steps, 1])) as tf.Tensor3D;
      });
      const y = tf.zerosLike(x);
      const model = fillKernels(
        tfl.sequential({
          layers: [
            tfl.layers.timeDistributed({
              layer: tfl.layers.dense({units: 2, useBias: false, name: 'dense'}),
              inputShape: [steps, 2],
            }),
            tfl.layers.timeDistributed({
              layer: tfl.layers.batchNormalization({name: 'norm', momentum: 0.999}),
            }),
          ],
        }),
      );
      model.compile({optimizer: tf.train.sgd(0), loss: 'meanSquaredError'});
      await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [half({beginStep: 2})]});

      const kernel = model.layers[0].getWeights()[0] as tf.Tensor2D;
      const measured: number[][] = [];
      for (let first = 20; first < samples; first += 10) {
        const batch = tf.slice(x, first, Math.min(10, samples - first));
        for (const step of tf.unstack(batch, 1) as tf.Tensor2D[]) {
          const {mean, variance} = tf.moments(tf.matMul(step, kernel), 0);
          measured.push([...values(mean), ...values(variance)]);
        }
      }
      const [, , mean, variance] = model.layers[1].getWeights();
      const all = measured.reduce((sum, each) => sum.map((value, i) => value + each[i]));
      expectClose(
        [...values(mean), ...values(variance)],
        all.map((sum) => sum / measured.length),
      );
      tf.dispose([x, y]);
    },
  );

  it('are those of tfjs after a fit that threw', async () => {
    const model = network();
    const fails = probe({
      onBatchEnd: async (batch) => {
        if (batch === 3) {
          throw new Error('stop');
        }
      },
    });
    await expect(fit(model, half({beginStep: 2}), fails)).rejects.toThrow('stop');
    expect(norm(model).momentum).toBe(MOMENTUM);
    const start = moving(model);
    Reflect.set(model, 'isTraining', false);
    Reflect.set(Reflect.get(model, 'model') as object, 'isTraining', false);
    await fit(model);
    expectClose(moving(model), average(start, ofBatches(PRUNED, 0), asTrained));
  });

  it('are counted once where several callbacks take part', async () => {
    const model = network();
    const rounding = new QuantizeAware({layers: ['out']});
    await fit(model, half({beginStep: 2}), rounding, half({layers: ['out'], beginStep: 3}));
    expectClose(moving(model), average(START, ofBatches(PRUNED, 3), cumulative));
  });

  it('are left to tfjs in a layer that is frozen', async () => {
    const model = network({trainable: false});
    await fit(model, half({beginStep: 2}));
    const before = average(START, ofBatches(DENSE, 0, 2), asTrained);
    expectClose(moving(model), average(before, ofBatches(PRUNED, 2), asTrained));
  });

  it('follow in loops of trainOnBatch', async () => {
    const model = network();
    const pruner = half({beginStep: 2});
    pruner.setModel(model);
    await pruner.onTrainBegin();
    for (let batch = 0; batch < BATCHES; ++batch) {
      const [xs, ys] = [tf.slice(x, 10 * batch, 10), tf.slice(y, 10 * batch, 10)];
      await model.trainOnBatch(xs, ys);
      await pruner.onBatchEnd(batch);
      tf.dispose([xs, ys]);
    }
    await pruner.onTrainEnd();
    expectClose(moving(model), average(START, ofBatches(PRUNED, 2), cumulative));
  });

  it.each<[string, () => tfl.Callback, number]>([
    ['rounded weights', () => new QuantizeAware({beginStep: 2, layers: ['dense'], dtype: 2}), 2],
    ['shared values', () => new ClusterWeights({clusters: 1, layers: ['dense']}), 0],
    [
      'a layer that is removed',
      () => new LayerPruner({count: 1, beginStep: 3, layers: ['dense']}),
      3,
    ],
  ])('follow %s', async (_, callback, from) => {
    const model = network({}, tfl.layers.reLU());
    await fit(model, callback());
    expectClose(moving(model), average(START, seenBy(model, from), cumulative));
  });

  it('follow small changes in part', async () => {
    const error = async (normalization: 'follow' | 'keep') => {
      const model = network({momentum: 0.99}, tfl.layers.reLU());
      const steps = {sparsity: 0.5, alpha: 0.99, endStep: 100, frequency: 4};
      await fit(model, new DynamicSparsity({method: 'set', ...steps, normalization}));
      const mean = average(START, seenBy(model, 4), cumulative);
      return moving(model).reduce((sum, value, i) => sum + Math.abs(value - mean[i]), 0);
    };
    expect(await error('follow')).toBeLessThan(0.5 * (await error('keep')));
  });
});

/** The mean and the variance of what the normalization sees, in the batches after `from`. */
function seenBy(model: tfl.LayersModel, from: number): number[][] {
  const before = tfl.model({inputs: model.inputs, outputs: norm(model).input});
  return Array.from({length: BATCHES - from}, (_, i) =>
    tf.tidy(() => {
      const seen = before.predict(tf.slice(x, 10 * (from + i), 10)) as tf.Tensor;
      const {mean, variance} = tf.moments(seen, 0);
      return [...values(mean), ...values(variance)];
    }),
  );
}

it('writes the momentum of the layer into a model that is saved in the middle', async () => {
  const model = network();
  const momenta: unknown[] = [];
  const save = probe({
    onBatchEnd: async () => void momenta.push(norm(model).getConfig().momentum),
  });
  await fit(model, half(), save);
  expect(new Set(momenta)).toEqual(new Set([MOMENTUM]));
});

it('leaves as many tensors as before', async () => {
  const model = network();
  await fit(model);
  const before = tf.memory().numTensors;
  await fit(model, new L1Regularizer({l1: 0.1, mode: 'proximal'}));
  expect(tf.memory().numTensors).toBe(before);
});

describe('a warning', () => {
  const warn = jest.spyOn(console, 'warn').mockImplementation();
  const warnings = () => warn.mock.calls.map(([text]) => String(text));
  beforeEach(() => warn.mockClear());
  afterAll(() => warn.mockRestore());

  it('comes once where weights changed in the last steps', async () => {
    const model = network();
    await fit(model, half({beginStep: 5}), new QuantizeAware({layers: ['out']}));
    expect(warnings()).toEqual([expect.stringContaining('recalibrateNormalization(model, {x})')]);
  });

  it('comes later where statistics are kept', async () => {
    const model = network({momentum: 0.99});
    const pruner = half({normalization: 'keep'});
    await model.fit(x, y, {...QUIET, epochs: 20, callbacks: [pruner]});
    expect(warnings()).toHaveLength(1);
  });

  it.each<[string, () => tfl.LayersModel, () => tfl.Callback, number]>([
    ['there were steps enough since', network, () => half({beginStep: 3}), 2],
    ['nothing has changed', network, () => new L1Regularizer({l1: 0.1}), 1],
    ['the layer is frozen', () => network({trainable: false}), () => half({beginStep: 5}), 1],
    ['masks hold that were there', masked, () => half(), 1],
  ])('does not come where %s', async (_, make, callback, epochs) => {
    await make().fit(x, y, {...QUIET, epochs, callbacks: [callback()]});
    expect(warnings()).toEqual([]);
  });
});

/** A network with masks already. */
function masked(): tfl.LayersModel {
  const model = network();
  setMask(model, 'dense', tf.tensor2d([0, 0, 1, 1], [2, 2]));
  return model;
}

it.each([
  () => half({normalization: 'never'}),
  () =>
    new PolynomialDecay({
      initialSparsity: 0,
      finalSparsity: 0.5,
      beginStep: 0,
      endStep: 1,
      normalization: 1 as never,
    }),
  () => new QuantizeAware({normalization: 'never' as never}),
  () => new ClusterWeights({clusters: 2, normalization: 'never' as never}),
  () => new L1Regularizer({l1: 1, normalization: 'never' as never}),
  () => new LayerPruner({count: 1, normalization: 'never' as never}),
])('refuses another choice', (make) => {
  expect(make).toThrow(PruningError);
  expect(make).toThrow("'follow' or 'keep'");
});
