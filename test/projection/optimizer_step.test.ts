import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {
  detachAll,
  isStepping,
  onOptimizerStep,
  watchOptimizer,
  type Gradients,
} from '../../lib/projection/optimizer_step';
import {QUIET, data, mlp, train} from '../setup/models';

const after = (listener: (step: number) => void) => ({
  after: ({iterations}: tf.Optimizer) => listener(iterations),
});

it('calls the listener after each step, by all ways to train', async () => {
  const model = mlp();
  const {x, y} = data();
  const steps: number[] = [];
  onOptimizerStep(
    model,
    after((step) => steps.push(step)),
  );
  await model.fit(x, y, {...QUIET, epochs: 1});
  await train(model, 2);
  const weight = model.weights[0].read() as tf.Variable;
  model.optimizer.minimize(() => tf.sum(weight) as tf.Scalar, false, [weight]);
  tf.tidy(() => model.optimizer.applyGradients({[weight.name]: tf.onesLike(weight)}));
  expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  detachAll(model);
});

it('shows the gradients before the step, and the new weights after it', () => {
  const model = mlp({inputs: 1, units: [1], optimizer: tf.train.sgd(0.25)});
  const weight = model.weights[0].read() as tf.Variable;
  const seen: number[] = [];
  onOptimizerStep(model, {
    before: (gradients: Gradients) =>
      seen.push((gradients as tf.NamedTensorMap)[weight.name].dataSync()[0]),
    after: () => seen.push(weight.dataSync()[0]),
  });
  tf.tidy(() => weight.assign(tf.ones([1, 1])));
  tf.tidy(() => model.optimizer.applyGradients({[weight.name]: tf.fill([1, 1], 2)}));
  expect(seen).toEqual([2, 0.5]);
  detachAll(model);
});

it('follows the optimizer that the model has, of whatever class', async () => {
  const model = mlp({optimizer: tf.train.sgd(0.1)});
  const former = model.optimizer;
  const optimizers: tf.Optimizer[] = [];
  onOptimizerStep(model, {after: (optimizer) => optimizers.push(optimizer)});
  await train(model, 1);
  model.compile({optimizer: tf.train.adam(), loss: 'meanSquaredError'});
  await train(model, 1);
  expect(optimizers).toEqual([former, model.optimizer]);
  expect(former).not.toBe(model.optimizer);
  detachAll(model);
});

it('notices an optimizer of a class of the user, once it is watched', async () => {
  class Halving extends tf.SGDOptimizer {
    override applyGradients(gradients: tf.NamedTensorMap): void {
      super.applyGradients(gradients);
    }
  }
  const model = mlp();
  const steps: number[] = [];
  onOptimizerStep(
    model,
    after((step) => steps.push(step)),
  );
  const optimizer = new Halving(0.1);
  model.compile({optimizer, loss: 'meanSquaredError'});
  watchOptimizer(optimizer);
  watchOptimizer(optimizer);
  await train(model, 2);
  // Once a step, though the class calls that which it extends.
  expect(steps).toEqual([1, 2]);
  detachAll(model);
});

it('takes steps for what they are where the user collects gradients first', async () => {
  const model = mlp();
  const {optimizer} = model;
  const apply = optimizer.applyGradients.bind(optimizer);
  let batches = 0;
  optimizer.applyGradients = ((gradients: tf.NamedTensorMap) => {
    batches += 1;
    if (batches % 2 === 0) {
      apply(gradients);
    }
  }) as tf.Optimizer['applyGradients'];
  const steps: number[] = [];
  onOptimizerStep(
    model,
    after((step) => steps.push(step)),
  );
  await train(model, 4);
  expect(steps).toEqual([1, 2]);
  detachAll(model);
});

it('leaves out the steps of another model with the same optimizer', async () => {
  const optimizer = tf.train.sgd(0.1);
  const [one, other] = [mlp({optimizer}), mlp({optimizer})];
  const calls: string[] = [];
  onOptimizerStep(one, {after: () => calls.push('one')});
  onOptimizerStep(other, {after: () => calls.push('other')});
  await train(one, 1);
  await train(other, 1);
  expect(calls).toEqual(['one', 'other']);
  detachAll(one);
  await train(other, 1);
  expect(calls).toEqual(['one', 'other', 'other']);
  detachAll(other);
});

it('calls listeners in the order they came, until each is detached', async () => {
  const model = mlp();
  const calls: string[] = [];
  const detach = ['first', 'second'].map((name) =>
    onOptimizerStep(model, {after: () => calls.push(name)}),
  );
  await train(model, 1);
  detach[0]();
  detach[0]();
  await train(model, 1);
  detach[1]();
  await train(model, 1);
  expect(calls).toEqual(['first', 'second', 'second']);
});

it('is not called where the step has failed, and is in no step then', () => {
  const model = mlp();
  const listener = jest.fn();
  onOptimizerStep(model, {after: listener});
  const spoilt = {[model.weights[0].name]: tf.scalar(1), missing: tf.scalar(1)};
  expect(() => model.optimizer.applyGradients(spoilt)).toThrow();
  expect(listener).not.toHaveBeenCalled();
  expect(isStepping()).toBe(false);
  detachAll(model);
});

it('tells what is in a step and what is not', async () => {
  const model = mlp();
  const seen: boolean[] = [isStepping()];
  onOptimizerStep(model, {
    before: () => seen.push(isStepping()),
    after: () => seen.push(isStepping()),
  });
  await train(model, 1);
  expect([...seen, isStepping()]).toEqual([false, true, true, false]);
  detachAll(model);
});

it('lets a step end whose listeners are detached in the middle', async () => {
  const model = mlp();
  const listener = jest.fn();
  onOptimizerStep(model, {after: () => detachAll(model)});
  onOptimizerStep(model, {after: listener});
  await train(model, 2);
  expect(listener).toHaveBeenCalledTimes(1);
});

it('leaves a model to which nobody listens to itself', () => {
  expect(() => detachAll(tfl.sequential())).not.toThrow();
});
