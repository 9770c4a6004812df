import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {
  composeCallbacks,
  LearningRateRewinding,
  type LearningRateRewindingArgs,
  piecewiseConstant,
  PruningError,
  sparsityReport,
  stripPruning,
  WeightPruner,
} from '../../lib';
import {data, kernel, mlp, probe, QUIET, setWeight} from '../setup/models';

const rateOf = (model: LayersModel) => Reflect.get(model.optimizer, 'learningRate') as number;

/** The learning rate of each batch of a fit of four batches an epoch. */
async function ratesIn(model: LayersModel, epochs: number, rewinding: LearningRateRewinding) {
  const {x, y} = data(40);
  const rates: number[] = [];
  const note = async () => void rates.push(Number(rateOf(model).toFixed(6)));
  await model.fit(x, y, {...QUIET, epochs, callbacks: [rewinding, probe({onBatchBegin: note})]});
  tf.dispose([x, y]);
  return rates;
}

describe('LearningRateRewinding', () => {
  it('lets the rate fall, and puts it back where weights are pruned', async () => {
    const model = mlp({optimizer: tf.train.adam(0.1)});
    const rewinding = new LearningRateRewinding({schedule: [4], endStep: 8, finalShare: 0});
    // Half of 1 + the cosine of 0, 45°, 90° and 135°.
    const cycle = [0.1, 0.085355, 0.05, 0.014645];
    expect(await ratesIn(model, 3, rewinding)).toEqual([...cycle, ...cycle, 0, 0, 0, 0]);
    expect(rateOf(model)).toBe(0.1);
  });

  it('counts on in a second fit', async () => {
    const model = mlp({optimizer: tf.train.adam(0.1)});
    const rewinding = new LearningRateRewinding({schedule: [], endStep: 8, finalShare: 0});
    const [first, second] = [
      await ratesIn(model, 1, rewinding),
      await ratesIn(model, 1, rewinding),
    ];
    const whole = mlp({optimizer: tf.train.adam(0.1)});
    expect([...first, ...second]).toEqual(await ratesIn(whole, 2, rewinding));
  });

  it('goes by epochs', async () => {
    const model = mlp({optimizer: tf.train.adam(0.1)});
    const rewinding = new LearningRateRewinding({
      schedule: piecewiseConstant([[2, 0.5]]),
      endStep: 3,
      unit: 'epoch',
      finalShare: 0.5,
    });
    const of = (rate: number) => Array<number>(4).fill(rate);
    expect(await ratesIn(model, 4, rewinding)).toEqual([0.1, 0.075, 0.1, 0.05].flatMap(of));
  });

  it('warns of no early end in a fit that goes on with initialEpoch', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    const model = mlp({optimizer: tf.train.adam(0.1)});
    const {x, y} = data(40);
    const rewinding = new LearningRateRewinding({schedule: [], endStep: 4, unit: 'epoch'});
    await model.fit(x, y, {...QUIET, initialEpoch: 2, epochs: 4, callbacks: [rewinding]});
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  it.each<[string, () => tf.Optimizer]>([
    ['SGD', () => tf.train.sgd(0.5)],
    ['momentum', () => tf.train.momentum(0.5, 0.9)],
    ['Adam', () => tf.train.adam(0.5)],
    ['RMSProp', () => tf.train.rmsprop(0.5)],
    ['Adagrad', () => tf.train.adagrad(0.5)],
    ['Adadelta', () => tf.train.adadelta(0.5)],
    ['Adamax', () => tf.train.adamax(0.5)],
  ])('moves the weights of %s by it', async (_, optimizer) => {
    // At a share of 0, nothing moves.
    const model = mlp({optimizer: optimizer()});
    const {x, y} = data(40);
    const kernels: string[] = [];
    const note = async () => void kernels.push(kernel(model, 'dense_0').join());
    const rewinding = new LearningRateRewinding({schedule: [], endStep: 1, finalShare: 0});
    const callbacks = [rewinding, probe({onTrainBegin: note, onBatchEnd: note})];
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks});
    expect(new Set(kernels).size).toBe(2);
    expect(kernels[0]).not.toBe(kernels[1]);
    expect(rateOf(model)).toBe(0.5);
  });

  it('goes with a pruner, and with as many tensors as without', async () => {
    const run = async (isRewound: boolean) => {
      const model = mlp({optimizer: tf.train.momentum(0.1, 0.9)});
      const {x, y} = data(40);
      const schedule = piecewiseConstant([
        [2, 0.25],
        [5, 0.5],
      ]);
      const rewinding = isRewound ? [new LearningRateRewinding({schedule, endStep: 8})] : [];
      const callbacks = composeCallbacks(rewinding, new WeightPruner({schedule}));
      await model.fit(x, y, {...QUIET, epochs: 2, callbacks});
      stripPruning(model);
      const {sparsity} = await sparsityReport(model);
      tf.dispose([x, y]);
      return {sparsity, tensors: tf.memory().numTensors, model};
    };
    const before = tf.memory().numTensors;
    const plain = await run(false);
    const rewound = await run(true);
    expect(rewound.sparsity).toBe(0.5);
    expect(rewound.tensors - plain.tensors).toBe(plain.tensors - before);
  });

  it('by hand, follows a model that is compiled again', async () => {
    const model = mlp({optimizer: tf.train.sgd(1)});
    const {x, y} = data(10);
    const rewinding = new LearningRateRewinding({schedule: [], endStep: 4, finalShare: 0});
    rewinding.setModel(model);
    await rewinding.onTrainBegin();
    await rewinding.onBatchBegin();
    await model.trainOnBatch(x, y);
    await model.trainOnBatch(x, y);
    await rewinding.onBatchBegin();
    expect(rateOf(model)).toBeCloseTo(0.5, 6);
    const {optimizer: former} = model;
    model.compile({optimizer: tf.train.sgd(8), loss: 'meanSquaredError'});
    await rewinding.onBatchBegin();
    expect([Reflect.get(former, 'learningRate'), rateOf(model)]).toEqual([1, 8]);
    await rewinding.onTrainEnd();
    tf.dispose([x, y]);
  });

  it('puts the rate back that a fit which threw has left', async () => {
    const model = mlp({optimizer: tf.train.sgd(0.1)});
    const {x, y} = data(40);
    const rewinding = new LearningRateRewinding({schedule: [], endStep: 8, finalShare: 0});
    const fail = probe({
      onBatchEnd: async (batch) => {
        if (batch === 2) {
          throw new Error('enough');
        }
      },
    });
    const fit = (...callbacks: object[]) =>
      model.fit(x, y, {...QUIET, epochs: 1, callbacks: [rewinding, ...callbacks] as never});
    await expect(fit(fail)).rejects.toThrow('enough');
    await fit();
    expect(rateOf(model)).toBe(0.1);
    tf.dispose([x, y]);
  });

  it.each<[string, object | undefined, string]>([
    ['no options', undefined, 'LearningRateRewinding'],
    ['an unknown option', {schedule: [], endStep: 4, end: 3}, 'LearningRateRewinding'],
    ['a share above 1', {schedule: [], endStep: 4, finalShare: 2}, 'finalShare'],
    ['a unit', {schedule: [], endStep: 4, unit: 'epochs'}, 'unit'],
    ['no schedule', {endStep: 4}, 'schedule'],
  ])('refuses %s', (_, args, argument) => {
    const make = () => new LearningRateRewinding(args as LearningRateRewindingArgs);
    expect(make).toThrow(PruningError);
    expect(make).toThrow(`${argument}: expected`);
  });

  it('refuses an optimizer without a learning rate, and leaves it as it was', async () => {
    const model = mlp({optimizer: tf.train.sgd(0.1)});
    setWeight(model.layers[0], 0, kernel(model, 'dense_0'));
    Reflect.deleteProperty(model.optimizer, 'learningRate');
    const rewinding = new LearningRateRewinding({schedule: [], endStep: 8});
    rewinding.setModel(model);
    await expect(rewinding.onTrainBegin()).rejects.toThrow('optimizer.learningRate: expected');
    expect(rateOf(model)).toBeUndefined();
  });
});
