import * as tf from '@tensorflow/tfjs-core';
import {layers, type LayersModel, sequential} from '@tensorflow/tfjs-layers';

import {PolynomialDecay} from '../../lib/callbacks/polynomial_decay';
import {distill} from '../../lib/distillation/distill';
import {trainAfresh, type Training} from '../../lib/training/train_afresh';
import {data, mlp} from '../setup/models';

const pruner = () =>
  new PolynomialDecay({initialSparsity: 0, finalSparsity: 0.5, beginStep: 0, endStep: 2});

function run(model: LayersModel, args: Partial<Training> = {}): Promise<void> {
  const {x, y} = data();
  const training = {epochs: 2, callbacks: [], train: {x, y}, seed: 1, onEpoch: async () => {}};
  return trainAfresh(model, {...training, ...args}).finally(() => tf.dispose([x, y]));
}

it('leaves optimizer, loss, metrics, history and memory as they were', async () => {
  const model = mlp();
  model.compile({optimizer: 'sgd', loss: 'meanSquaredError', metrics: ['mse']});
  const {optimizer, loss, metrics, history} = model;
  const before = tf.memory().numTensors;
  const {x, y} = data();
  const oneHot = tf.tidy(() => tf.oneHot(tf.argMax(y, 1), 2));
  const epochs: Array<[number, string[]]> = [];
  await run(model, {
    train: {x, y: oneHot, batchSize: 8},
    validation: {x, y: oneHot},
    learningRate: 0.5,
    distillation: distill({teacher: model, fromLogits: true}),
    callbacks: pruner(),
    onEpoch: async (epoch, logs) => {
      epochs.push([epoch, Object.keys(logs).sort()]);
      Object.values(logs).forEach((value) => expect(typeof value).toBe('number'));
    },
  });
  tf.dispose([x, y, oneHot]);
  const names = ['acc', 'loss', 'sparsity', 'val_acc', 'val_loss'];
  expect(epochs).toEqual([
    [1, names],
    [2, names],
  ]);
  expect(model.optimizer).toBe(optimizer);
  expect(optimizer.iterations).toBe(0);
  expect([model.loss, model.metrics]).toEqual([loss, metrics]);
  expect(model.history).toBe(history);
  // The masks of the two kernels.
  expect(tf.memory().numTensors - before).toBe(2);
});

it('leaves a model of which disposing still disposes of its optimizer', async () => {
  const model = sequential({layers: [layers.dense({units: 2, inputShape: [4]})]});
  model.compile({optimizer: 'adam', loss: 'meanSquaredError'});
  await run(model);
  const disposed = jest.spyOn(model.optimizer, 'dispose');
  model.dispose();
  expect(disposed).toHaveBeenCalledTimes(1);
});

it('counts steps from 0, with an order of samples that is the seed’s', async () => {
  const trained = async (seed: number) => {
    const model = mlp();
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    const steps: number[] = [];
    const onBatchEnd = () => void steps.push(model.optimizer.iterations);
    await run(model, {seed, epochs: 1, callbacks: {onBatchEnd}});
    expect(steps).toEqual([1, 2]);
    return model.getWeights()[0].data();
  };
  const [first, again, other] = [await trained(1), await trained(1), await trained(2)];
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});

it.each([
  ['a signal', (stop: AbortController) => ({signal: stop.signal}), 'stopped'],
  ['a listener', () => ({onEpoch: () => Promise.reject(new Error('enough'))}), 'enough'],
] as const)('ends where %s says so', async (_, make, message) => {
  const stop = new AbortController();
  stop.abort(new Error('stopped'));
  const model = mlp();
  model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
  const {optimizer} = model;
  await expect(run(model, make(stop))).rejects.toThrow(message);
  expect(model.optimizer).toBe(optimizer);
});
