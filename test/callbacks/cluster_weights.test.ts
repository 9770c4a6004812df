import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {
  ClusterWeights,
  ConstantSparsity,
  PolynomialDecay,
  PruningError,
  stripPruning,
  type ClusterWeightsArgs,
} from '../../lib';
import {roundingOf} from '../../lib/projection/rounding/rounding';
import {
  QUIET,
  countReads,
  data,
  dataset,
  kernel,
  mlp,
  probe,
  setWeight,
  state,
  train,
  zeroPositions,
  zeros,
} from '../setup/models';
import {Quadratic} from '../setup/quadratic';

/** How many different numbers beside zero. */
const distinct = (numbers: ArrayLike<number>) =>
  new Set(Array.from(numbers).filter((value) => value !== 0)).size;

describe('clusters', () => {
  it('start at the means of what is near, and move by the mean of the updates', async () => {
    // Each weight would go half of the way: by 1, 0, and −1.5, −0.5; zero stays.
    const training = new Quadratic([1, 1.5, 5, 6, 0], [3.25, 1.25, 2.5, 4.5, 7]);
    const rows = await training.fit(2, [new ClusterWeights({clusters: 2})]);
    // From 1.25: by 1 and 0. From 5.5: by −1.5 and −0.5.
    // From 1.75: by 0.75 and −0.25. From 4.5: by −1 and 0.
    expect(rows).toEqual([
      [1.25, 1.25, 5.5, 5.5, 0],
      [1.75, 1.75, 4.5, 4.5, 0],
      [2, 2, 4, 4, 0],
    ]);
    stripPruning(training.model);
  });

  it.each([
    // From 1 and 10: 1 and 2, and the rest; from 1 and 9, as one number is the median.
    ['linear' as const, [1.5, 1.5, 9.6, 9.6, 9.6]],
    ['density' as const, [1.5, 1.5, 9.6, 9.6, 9.6]],
    ['kMeans++' as const, [1.5, 1.5, 9.6, 9.6, 9.6]],
  ])('are found from the start %s', async (init, wanted) => {
    const weights = [1, 2, 9, 9.8, 10];
    const training = new Quadratic(weights, weights, tf.train.sgd(0));
    const [first] = await training.fit(1, [new ClusterWeights({clusters: 2, init})]);
    expect(first).toEqual(wanted);
    stripPruning(training.model);
  });

  it('are the weights themselves where there are enough', async () => {
    const weights = [1, 2, 2, 0, -1];
    const training = new Quadratic(weights, weights, tf.train.sgd(0));
    const rows = await training.fit(1, [new ClusterWeights({clusters: 3})]);
    expect(rows).toEqual([weights, weights]);
    stripPruning(training.model);
  });

  it('are one of all weights', async () => {
    const training = new Quadratic([1, 2, 0, 6], [1, 2, 0, 6], tf.train.sgd(0));
    const [first] = await training.fit(1, [new ClusterWeights({clusters: 1})]);
    expect(first).toEqual([3, 3, 0, 3]);
    stripPruning(training.model);
  });

  it.each(['linear', 'density', 'kMeans++'] as const)(
    'are at most so many after each step, from %s, and seen by validation',
    async (init) => {
      const model = mlp({optimizer: tf.train.adam(0.05), inputs: 20, units: [30, 2]});
      const {x, y} = data(40, 20);
      const counts: number[] = [];
      const losses: number[] = [];
      const count = async () => void counts.push(distinct(kernel(model, 'dense_0')));
      const onEpochEnd = async () => {
        const loss = model.evaluate(x, y, {batchSize: 40}) as tf.Scalar;
        losses.push(loss.dataSync()[0]);
      };
      const {history} = await model.fit(x, y, {
        ...QUIET,
        epochs: 3,
        validationData: [x, y],
        callbacks: [
          new ClusterWeights({clusters: 8, init}),
          probe({onTrainBegin: count, onBatchEnd: count, onEpochEnd}),
        ],
      });
      expect(counts).toEqual(Array(13).fill(8));
      losses.forEach((loss, i) => expect(history.val_loss[i]).toBeCloseTo(loss, 5));
      expect(history.loss[2]).toBeLessThan(history.loss[0] as number);
      stripPruning(model);
      expect(distinct(kernel(model, 'dense_0'))).toBe(8);
    },
  );
});

describe('reassign', () => {
  it('lets an element change its cluster for that which is nearest to its dense value', async () => {
    // Half of the way to its target each step.
    const training = new Quadratic([1, 1.5, 5, 6, 0], [1, 8, 5, 6, 7]);
    const rows = await training.fit(2, [new ClusterWeights({clusters: 2, reassign: true})]);
    // Steps of −0.125, 3.375, −0.25 and 0.25 from 1, 1.5, 5 and 6 lead to 0.875, 4.875, 4.75
    // and 6.25: the second is nearer to 5.5 than to 1.25. From 5.29167 they go on by 1.35417,
    // −0.14583 and 0.35417, whose mean is 0.52084, and from 0.875 by 0.0625.
    expect(rows).toEqual([
      [1.25, 1.25, 5.5, 5.5, 0],
      [0.875, 5.29167, 5.29167, 5.29167, 0],
      [0.9375, 5.8125, 5.8125, 5.8125, 0],
    ]);
    stripPruning(training.model);
  });

  it('leaves a cluster without elements where it is', async () => {
    const training = new Quadratic([1, 5, 6], [9, 5, 6]);
    const clusters = new ClusterWeights({clusters: 2, reassign: true});
    // 1 goes to 5, nearer to 5.5; then all to the mean of 5.75, 5.5 …
    const rows = await training.fit(2, [clusters]);
    expect(rows[1]).toEqual(Array(3).fill(5.33333));
    expect(distinct(rows[2])).toBe(1);
    stripPruning(training.model);
  });

  it('keeps zeros, those of a mask that grows too', async () => {
    const model = mlp({optimizer: tf.train.adam(0.05), inputs: 20, units: [30, 2]});
    const {x, y} = data(40, 20);
    const pruner = new PolynomialDecay({
      initialSparsity: 0.25,
      finalSparsity: 0.75,
      beginStep: 0,
      endStep: 8,
      frequency: 2,
    });
    const clusters = new ClusterWeights({clusters: 4, reassign: true});
    const counts: number[] = [];
    const count = async () => void counts.push(distinct(kernel(model, 'dense_0')));
    const callbacks = [clusters, pruner, probe({onBatchEnd: count})];
    await model.fit(x, y, {...QUIET, epochs: 3, callbacks});
    expect(Math.max(...counts)).toBeLessThanOrEqual(4);
    stripPruning(model);
    expect(zeros(kernel(model, 'dense_0'))).toBe(450);
  });

  it('leaves values alone that are no weights any more', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    const training = new Quadratic([1, 1.5, 5, 6, 0], [1, 8, 5, 6, 7]);
    const replace = probe({
      onBatchBegin: async () => setWeight(training.model.layers[0], 0, [3, 3, 3, 4, 5]),
    });
    await training.fit(2, [replace, new ClusterWeights({clusters: 2, reassign: true})]);
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
    stripPruning(training.model);
  });
});

describe('perChannel', () => {
  it.each<[string, tfl.layers.Layer, (flat: number) => number]>([
    ['a dense kernel', tfl.layers.dense({units: 3, inputShape: [8]}), (flat) => flat % 3],
    [
      'a convolution',
      tfl.layers.conv2d({filters: 3, kernelSize: 2, inputShape: [4, 4, 2]}),
      (flat) => flat % 3,
    ],
    [
      'a transposed convolution',
      tfl.layers.conv2dTranspose({filters: 3, kernelSize: 2, inputShape: [4, 4, 2]}),
      (flat) => Math.floor(flat / 2) % 3,
    ],
  ])('gives each channel of %s clusters of its own', async (_, layer, channelOf) => {
    const model = tfl.sequential({layers: [layer, tfl.layers.activation({activation: 'relu'})]});
    model.compile({optimizer: tf.train.sgd(0), loss: 'meanSquaredError'});
    const clusters = new ClusterWeights({clusters: 2, perChannel: true});
    clusters.setModel(model);
    await clusters.onTrainBegin();
    await clusters.onTrainEnd();
    const values = [...layer.getWeights()[0].dataSync()];
    const channels = [0, 1, 2].map((own) => values.filter((_value, i) => channelOf(i) === own));
    expect(channels.map(distinct)).toEqual([2, 2, 2]);
    expect(distinct(values)).toBe(6);
    stripPruning(model);
  });

  it('goes with reassign, within each channel', async () => {
    const model = mlp({optimizer: tf.train.adam(0.05), inputs: 20, units: [6, 2]});
    const {x, y} = data(40, 20);
    const clusters = new ClusterWeights({clusters: 3, perChannel: true, reassign: true});
    await model.fit(x, y, {...QUIET, epochs: 3, callbacks: [clusters]});
    stripPruning(model);
    const flat = [...kernel(model, 'dense_0')];
    const columns = [...Array(6).keys()].map((own) => flat.filter((_value, i) => i % 6 === own));
    expect(columns.map(distinct)).toEqual(Array(6).fill(3));
  });
});

describe('zeros', () => {
  it('stay, without a mask and with one', async () => {
    for (const callbacks of [[], [new ConstantSparsity({targetSparsity: 0.5, beginStep: 0})]]) {
      const model = mlp({optimizer: tf.train.adam(0.05)});
      setWeight(
        model.layers[0],
        0,
        Array.from(kernel(model, 'dense_0'), (value, i) => (i % 3 === 0 ? 0 : value)),
      );
      const {x, y} = data();
      const before: number[][] = [];
      const note = async () => void before.push(zeroPositions(kernel(model, 'dense_0')));
      const clusters = new ClusterWeights({clusters: 4});
      const list = [...callbacks, clusters, probe({onTrainBegin: note})];
      await model.fit(x, y, {...QUIET, epochs: 2, callbacks: list});
      stripPruning(model);
      expect(zeroPositions(kernel(model, 'dense_0'))).toEqual(before[0]);
      expect(before[0]).toHaveLength(callbacks.length === 0 ? 8 : 12);
    }
  });

  it.each<[string, (clusters: tfl.Callback, pruner: tfl.Callback) => tfl.Callback[]]>([
    ['before', (clusters, pruner) => [clusters, pruner]],
    ['after', (clusters, pruner) => [pruner, clusters]],
  ])('may become more, with clusters %s the pruning', async (_how, list) => {
    const model = mlp({optimizer: tf.train.adam(0.05), inputs: 20, units: [30, 2]});
    const {x, y} = data(40, 20);
    const pruner = new PolynomialDecay({
      initialSparsity: 0.25,
      finalSparsity: 0.75,
      beginStep: 0,
      endStep: 8,
      frequency: 2,
    });
    const callbacks = list(new ClusterWeights({clusters: 6}), pruner);
    await model.fit(x, y, {...QUIET, epochs: 3, callbacks});
    stripPruning(model);
    expect(zeros(kernel(model, 'dense_0'))).toBe(450);
    expect(distinct(kernel(model, 'dense_0'))).toBeLessThanOrEqual(6);
  });
});

it('leaves a weight of zeros alone', async () => {
  const training = new Quadratic([0, 0, 0], [1, 2, 3]);
  const rows = await training.fit(2, [new ClusterWeights({clusters: 2})]);
  expect(rows).toEqual(Array(3).fill([0, 0, 0]));
  stripPruning(training.model);
});

describe('training goes on', () => {
  it('with the same clusters in a second fit', async () => {
    const run = async (epochs: number[]) => {
      const training = new Quadratic([1, 1.5, 5, 6, 0], [6, 1, -4, 8, 1]);
      const clusters = new ClusterWeights({clusters: 2});
      const rows: number[][] = [];
      for (const each of epochs) {
        rows.push(...(await training.fit(each, [clusters])).slice(1));
      }
      stripPruning(training.model);
      return rows;
    };
    expect(await run([1, 2])).toEqual(await run([3]));
  });

  it('by hand, from a dataset, and with clusters of another callback', async () => {
    const model = mlp({optimizer: tf.train.adam(0.05)});
    const first = new ClusterWeights({clusters: 8});
    first.setModel(model);
    await first.onTrainBegin();
    await train(model, 3);
    await first.onTrainEnd();
    expect(distinct(kernel(model, 'dense_0'))).toBe(8);
    const callbacks = [new ClusterWeights({clusters: 3})];
    await model.fitDataset(dataset(), {epochs: 1, verbose: 0, callbacks});
    expect(distinct(kernel(model, 'dense_0'))).toBe(3);
    stripPruning(model);
    expect(roundingOf(model.layers[0].weights[0])).toBeUndefined();
  });

  it('without a read, and with as many tensors as without', async () => {
    const run = async (callbacks: tfl.Callback[]) => {
      const model = mlp({optimizer: tf.train.adam(0.05)});
      const before = tf.memory().numTensors;
      const {x, y} = data();
      let count = 0;
      for (let i = 0; i < 3; ++i) {
        const reads = countReads();
        await model.fit(x, y, {...QUIET, epochs: 1, callbacks});
        reads.restore();
        count = reads.count();
      }
      tf.dispose([x, y]);
      stripPruning(model);
      return {tensors: tf.memory().numTensors - before, reads: count};
    };
    const plain = await run([]);
    const clustered = await run([new ClusterWeights({clusters: 4})]);
    expect(clustered.tensors).toBe(plain.tensors);
    const moving = {clusters: 4, reassign: true, perChannel: true};
    expect((await run([new ClusterWeights(moving)])).tensors).toBe(plain.tensors);
    // One at the begin, the end of the epoch, and of training: whether all is finite.
    expect(clustered.reads - plain.reads).toBeLessThanOrEqual(3);
  });
});

describe('refuses', () => {
  it.each<[string, object | null, string]>([
    ['no options', null, 'ClusterWeights'],
    ['no clusters', {clusters: 0}, 'clusters'],
    ['too many', {clusters: 65537}, 'clusters'],
    ['half a cluster', {clusters: 2.5}, 'clusters'],
    ['an unknown start', {clusters: 2, init: 'random'}, 'init'],
    ['a map of sparsities', {clusters: 2, layers: {dense_0: 0.5}}, 'layers'],
    ['channels by number', {clusters: 2, perChannel: 3}, 'perChannel'],
    ['steps between', {clusters: 2, reassign: 5}, 'reassign'],
    ['too many that move', {clusters: 65, reassign: true}, 'clusters'],
    ['a seed below 0', {clusters: 2, seed: -1}, 'seed'],
    ['an unknown option', {clusters: 2, numClusters: 2}, 'ClusterWeights'],
  ])('%s', (_what, args, argument) => {
    const make = () => new ClusterWeights(args as ClusterWeightsArgs);
    expect(make).toThrow(PruningError);
    expect(make).toThrow(`${argument}: expected`);
  });

  it('an unknown layer and a NaN, and leaves the model as it was', async () => {
    const model = mlp();
    const {x, y} = data();
    const before = state(model);
    const fit = (args: Partial<ClusterWeightsArgs>) => {
      const callbacks = [new ClusterWeights({clusters: 2, ...args})];
      return model.fit(x, y, {...QUIET, epochs: 1, callbacks});
    };
    await expect(fit({layers: ['conv']})).rejects.toThrow(/^layers: expected/);
    expect(state(model)).toEqual(before);
    setWeight(model.layers[0], 0, new Array<number>(24).fill(NaN));
    const spoilt = state(model);
    await expect(fit({})).rejects.toThrow("weight 'dense_0/kernel' at step 0");
    expect(state(model)).toEqual(spoilt);
  });
});
