import * as tf from '@tensorflow/tfjs-core';

import {stopTraining} from '../../lib/model/optimizer_slots';
import {innerModel, mlp, train, values} from '../setup/models';

const OPTIMIZERS = {
  sgd: () => tf.train.sgd(0.1),
  momentum: () => tf.train.momentum(0.1, 0.9),
  rmsprop: () => tf.train.rmsprop(0.01),
  adam: () => tf.train.adam(0.1),
  adamax: () => tf.train.adamax(0.1),
  adagrad: () => tf.train.adagrad(0.1),
  adadelta: () => tf.train.adadelta(0.1),
};

/** All that an optimizer remembers, by weight. */
function memory(optimizer: tf.Optimizer): Record<string, number[]> {
  const lists = Object.values(optimizer).filter(Array.isArray).flat() as Array<{
    originalName: string;
    variable: tf.Variable;
  }>;
  return Object.fromEntries(
    lists.map(({originalName, variable}) => [originalName, [...values(variable)]]),
  );
}

describe.each(Object.entries(OPTIMIZERS))('stopTraining with %s', (_, make) => {
  it('forgets the weights, keeps what is known of the others, and trains these on', async () => {
    const optimizer = make();
    const model = mlp({units: [6, 5, 2], optimizer});
    await train(model, 3);
    const before = memory(optimizer);
    const tensors = tf.memory().numTensors;
    const gone = model.getLayer('dense_1').weights;
    stopTraining(innerModel(model), gone);
    const names = gone.map((variable) => (variable.read() as tf.Variable).name);
    const isGone = (slot: string) => names.some((name) => slot.startsWith(`${name}/`));
    const kept = Object.entries(before).filter(([slot]) => !isGone(slot));
    expect(memory(optimizer)).toEqual(Object.fromEntries(kept));
    expect(tf.memory().numTensors).toBe(tensors - Object.keys(before).length + kept.length);
    const [first, second, last] = model.layers.map(({weights}) => values(weights[0]));
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    await train(model, 1);
    warn.mockRestore();
    const now = model.layers.map(({weights}) => values(weights[0]));
    expect(now[0]).not.toEqual(first);
    expect(now[1]).toEqual(second);
    expect(now[2]).not.toEqual(last);
  });
});

it('starts afresh where it is not known which slot is whose', async () => {
  const optimizer = tf.train.adam(0.1);
  const model = mlp({units: [6, 5, 2], optimizer});
  await train(model, 1);
  const weights = model.getLayer('dense_2').weights;
  // As a weight that never had a gradient: the lists are shorter.
  const slots = Reflect.get(optimizer, 'accumulatedFirstMoment') as Array<{variable: tf.Variable}>;
  slots.pop()!.variable.dispose();
  stopTraining(innerModel(model), weights);
  expect(slots).toEqual([]);
  await train(model, 1);
  expect(slots).toHaveLength(4);
});
