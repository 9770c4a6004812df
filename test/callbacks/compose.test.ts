import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {ConstantSparsity, PruningError, composeCallbacks, type CallbackLike} from '../../lib';
import {QUIET, data, hooked, kernelZeros, mlp, probe} from '../setup/models';

const pruner = () => new ConstantSparsity({targetSparsity: 0.5, beginStep: 2});

it('makes a list that fit accepts of a plain object and a pruner, in any order', async () => {
  for (const order of [0, 1]) {
    const model = mlp({optimizer: tf.train.momentum(0.1, 0.9)});
    const {x, y} = data();
    const logged: unknown[] = [];
    const plain = {
      onEpochEnd: (_epoch: number, logs?: tfl.Logs) => void logged.push(logs?.sparsity),
    };
    const list = order === 0 ? [plain, pruner()] : [pruner(), plain];
    await model.fit(x, y, {...QUIET, epochs: 2, callbacks: composeCallbacks(...list)});
    expect(kernelZeros(model)).toEqual([12, 6]);
    expect(logged).toEqual([0.5, 0.5]);
    expect(hooked(model)).toBe(false);
  }
});

it('calls all hooks of a plain object, with numbers', async () => {
  const model = mlp();
  const {x, y} = data();
  const calls: string[] = [];
  const hook =
    (name: string) =>
    (...args: unknown[]) =>
      void calls.push(`${name} ${typeof args[0]}`);
  const losses: unknown[] = [];
  const callbacks = composeCallbacks(pruner(), {
    onTrainBegin: hook('train begin'),
    onEpochBegin: hook('epoch begin'),
    onBatchBegin: hook('batch begin'),
    onBatchEnd: (_batch: number, logs?: tfl.Logs) => {
      calls.push('batch end');
      losses.push(logs?.loss);
    },
    onEpochEnd: hook('epoch end'),
    onTrainEnd: hook('train end'),
  });
  await model.fit(x, y, {...QUIET, batchSize: 20, epochs: 1, callbacks});
  expect(calls).toEqual([
    'train begin object',
    'epoch begin number',
    'batch begin number',
    'batch end',
    'batch begin number',
    'batch end',
    'epoch end number',
    'train end object',
  ]);
  expect(losses.map((loss) => typeof loss)).toEqual(['number', 'number']);
});

it('puts the callbacks of this library first and keeps the order of the others', () => {
  const [first, second] = [pruner(), pruner()];
  const [one, two] = [probe({}), tfl.callbacks.earlyStopping()];
  expect(composeCallbacks(one, first, two, second)).toEqual([first, second, one, two]);
});

it('flattens lists and skips what is null', () => {
  const [one, two] = [pruner(), probe({})];
  expect(composeCallbacks([[one], null, [[two, undefined]]], null)).toEqual([one, two]);
});

it('of nothing is an empty list', () => {
  expect(composeCallbacks()).toEqual([]);
  expect(composeCallbacks(null, undefined, [])).toEqual([]);
});

it('leaves callbacks as they are and wraps plain objects', () => {
  const callback = probe({});
  const custom = new tfl.CustomCallback({onEpochEnd: async () => {}}, 'auto');
  const plain = {onTrainEnd: async () => {}};
  const list = composeCallbacks(callback, custom, plain);
  expect(list[0]).toBe(callback);
  expect(list[1]).toBe(custom);
  expect(list[2]).toBeInstanceOf(tfl.CustomCallback);
});

it('takes a callback of another copy of tfjs-layers as it is', () => {
  const foreign = {setParams: () => {}, setModel: () => {}, onEpochEnd: async () => {}};
  expect(composeCallbacks(foreign)[0]).toBe(foreign);
});

it('takes an instance with its hooks on the class', async () => {
  const seen: number[] = [];
  class Plain {
    async onEpochEnd(epoch: number): Promise<void> {
      seen.push(epoch);
    }
  }
  const model = mlp();
  const {x, y} = data();
  const callbacks = composeCallbacks(new Plain(), pruner());
  await model.fit(x, y, {...QUIET, epochs: 2, callbacks});
  expect(seen).toEqual([0, 1]);
});

it('works beside earlyStopping', async () => {
  const model = mlp();
  const {x, y} = data();
  const warn = jest.spyOn(console, 'warn').mockImplementation();
  const stop = tfl.callbacks.earlyStopping({monitor: 'sparsity', patience: 0, mode: 'max'});
  const callbacks = composeCallbacks(
    stop,
    new ConstantSparsity({targetSparsity: 0.5, beginStep: 2}),
  );
  const {epoch} = await model.fit(x, y, {...QUIET, epochs: 5, callbacks});
  expect(warn).not.toHaveBeenCalled();
  warn.mockRestore();
  expect(epoch).toEqual([0, 1]);
  expect(kernelZeros(model)).toEqual([12, 6]);
});

it('composes what it has composed', async () => {
  const model = mlp();
  const {x, y} = data();
  const epochs: number[] = [];
  const inner = composeCallbacks(
    {onEpochEnd: (epoch: number) => void epochs.push(epoch)},
    pruner(),
  );
  const callbacks = composeCallbacks({onTrainEnd: () => {}}, inner);
  expect(callbacks).toHaveLength(3);
  await model.fit(x, y, {...QUIET, epochs: 1, callbacks});
  expect(epochs).toEqual([0]);
  expect(kernelZeros(model)).toEqual([12, 6]);
});

it.each<[unknown, string]>([
  ['pruner', "'pruner'"],
  [3, '3'],
  [true, 'true'],
  [{}, '{}'],
  [{onEpochend: 1}, '{"onEpochend":1}'],
  [() => {}, 'the function'],
])('refuses %p', (value, shown) => {
  const compose = () => composeCallbacks(pruner(), value as CallbackLike);
  expect(compose).toThrow(PruningError);
  expect(compose).toThrow(
    'callbacks: expected callbacks, or objects with some of onTrainBegin, onTrainEnd, ' +
      `onEpochBegin, onEpochEnd, onBatchBegin, onBatchEnd, onYield, but got ${shown}`,
  );
});

it('knows the types of the arguments of hooks, which need none of their own', async () => {
  const model = mlp();
  const {x, y} = data();
  const logged: Array<[string, number]> = [];
  const callbacks = composeCallbacks(pruner(), [
    {onEpochEnd: (epoch, logs) => void logged.push([epoch.toFixed(1), logs?.sparsity ?? -1])},
    {onYield: (epoch, batch, logs) => void [epoch + batch, logs.loss]},
  ]);
  await model.fit(x, y, {...QUIET, epochs: 1, callbacks});
  expect(logged).toEqual([['0.0', 0.5]]);
});
