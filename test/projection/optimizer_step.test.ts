import * as tf from '@tensorflow/tfjs-core';

import {detachAll, onOptimizerStep} from '../../lib/projection/optimizer_step';
import {QUIET, data, mlp, train} from '../setup/models';

/** An optimizer and a step of it on the square of one variable. */
function stepper(): {optimizer: tf.Optimizer; variable: tf.Variable; step(): void} {
  const variable = tf.variable(tf.scalar(1));
  const optimizer = tf.train.sgd(0.25);
  return {
    optimizer,
    variable,
    step: () => void optimizer.minimize(() => tf.square(variable) as tf.Scalar, false, [variable]),
  };
}

const hooked = (optimizer: tf.Optimizer) => Object.hasOwn(optimizer, 'applyGradients');

it('calls the listener after each step with the number of steps done', () => {
  const {optimizer, step} = stepper();
  const listener = jest.fn();
  onOptimizerStep(optimizer, listener);
  step();
  step();
  expect(listener.mock.calls).toEqual([[1], [2]]);
});

it('shows the listener the new weights, and the next step what it has made of them', () => {
  const {optimizer, variable, step} = stepper();
  const seen: number[] = [];
  onOptimizerStep(optimizer, () => {
    seen.push(variable.dataSync()[0]);
    tf.tidy(() => variable.assign(tf.scalar(2)));
  });
  // w − 0.25·2w
  step();
  step();
  expect(seen).toEqual([0.5, 1]);
});

it('counts all ways to train', async () => {
  const model = mlp();
  const {x, y} = data();
  const steps: number[] = [];
  onOptimizerStep(model.optimizer, (step) => steps.push(step));
  await model.fit(x, y, {...QUIET, epochs: 1});
  await train(model, 2);
  expect(steps).toEqual([1, 2, 3, 4, 5, 6]);
});

it('calls all listeners in the order they came, from one wrapper', () => {
  const {optimizer, step} = stepper();
  const calls: string[] = [];
  onOptimizerStep(optimizer, () => calls.push('first'));
  const wrapper = optimizer.applyGradients;
  onOptimizerStep(optimizer, () => calls.push('second'));
  expect(optimizer.applyGradients).toBe(wrapper);
  step();
  expect(calls).toEqual(['first', 'second']);
});

it('is taken away with the last listener', () => {
  const {optimizer, step} = stepper();
  const original = optimizer.applyGradients;
  const [first, second] = [jest.fn(), jest.fn()];
  const detach = [onOptimizerStep(optimizer, first), onOptimizerStep(optimizer, second)];
  detach[0]();
  step();
  expect(first).not.toHaveBeenCalled();
  expect(second).toHaveBeenCalledTimes(1);
  expect(hooked(optimizer)).toBe(true);
  detach[1]();
  expect(hooked(optimizer)).toBe(false);
  expect(optimizer.applyGradients).toBe(original);
  step();
  expect(second).toHaveBeenCalledTimes(1);
});

it('may be detached twice, even after another has come', () => {
  const {optimizer, step} = stepper();
  const detach = onOptimizerStep(optimizer, jest.fn());
  detach();
  const later = jest.fn();
  onOptimizerStep(optimizer, later);
  detach();
  step();
  expect(later).toHaveBeenCalledTimes(1);
});

it('is not called where the step has failed', () => {
  const {optimizer} = stepper();
  const listener = jest.fn();
  onOptimizerStep(optimizer, listener);
  expect(() => optimizer.applyGradients({missing: tf.scalar(1)})).toThrow();
  expect(listener).not.toHaveBeenCalled();
});

it('gives back a function that the user had put there', () => {
  const {optimizer, step} = stepper();
  const original = optimizer.applyGradients.bind(optimizer);
  const clipped = jest.fn((gradients: tf.NamedTensorMap) => original(gradients));
  optimizer.applyGradients = clipped as tf.Optimizer['applyGradients'];
  const detach = onOptimizerStep(optimizer, jest.fn());
  step();
  detach();
  expect(optimizer.applyGradients).toBe(clipped);
  step();
  expect(clipped).toHaveBeenCalledTimes(2);
});

it('leaves a wrapper around its own in place, and uses it again', () => {
  const {optimizer, step} = stepper();
  const [first, second] = [jest.fn(), jest.fn()];
  const detach = onOptimizerStep(optimizer, first);
  const inner = optimizer.applyGradients.bind(optimizer);
  const outer = jest.fn((gradients: tf.NamedTensorMap) => inner(gradients));
  optimizer.applyGradients = outer as tf.Optimizer['applyGradients'];
  detach();
  step();
  expect(outer).toHaveBeenCalledTimes(1);
  expect(first).not.toHaveBeenCalled();
  onOptimizerStep(optimizer, second);
  step();
  expect(outer).toHaveBeenCalledTimes(2);
  expect(second.mock.calls).toEqual([[2]]);
});

describe('detachAll', () => {
  it('detaches all listeners and gives the optimizer back', () => {
    const {optimizer, step} = stepper();
    const listeners = [jest.fn(), jest.fn()];
    listeners.forEach((listener) => onOptimizerStep(optimizer, listener));
    detachAll(optimizer);
    step();
    expect(hooked(optimizer)).toBe(false);
    listeners.forEach((listener) => expect(listener).not.toHaveBeenCalled());
  });

  it('takes no other optimizer along', () => {
    const [one, other] = [stepper(), stepper()];
    const listener = jest.fn();
    onOptimizerStep(one.optimizer, listener);
    detachAll(other.optimizer);
    one.step();
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it('from inside a step lets the step end', () => {
    const {optimizer, step} = stepper();
    onOptimizerStep(optimizer, () => detachAll(optimizer));
    const listener = jest.fn();
    onOptimizerStep(optimizer, listener);
    step();
    step();
    expect(listener.mock.calls.length).toBeLessThanOrEqual(1);
    expect(optimizer.iterations).toBe(2);
    expect(hooked(optimizer)).toBe(false);
  });
});
