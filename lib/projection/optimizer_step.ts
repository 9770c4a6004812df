import type {NamedTensorMap, Optimizer, Tensor} from '@tensorflow/tfjs-core';

/** Gradients by the names of their variables, in either form that optimizers take. */
export type Gradients = NamedTensorMap | ReadonlyArray<{name: string; tensor: Tensor}>;

/** The gradient of the variable of this name, if it has one. */
export function gradientOf(gradients: Gradients, name: string): Tensor | undefined {
  return Array.isArray(gradients)
    ? (gradients as Exclude<Gradients, NamedTensorMap>).find((each) => each.name === name)?.tensor
    : (gradients as NamedTensorMap)[name];
}

/** Called after each optimizer step with the number of steps done so far. */
export type StepListener = (step: number) => void;

/** Called before each optimizer step with the gradients that it will apply. */
export type GradientListener = (gradients: Gradients) => void;

interface Hook {
  readonly wrapper: Optimizer['applyGradients'];
  /** What the instance itself had before: the user may have wrapped it too. */
  readonly own: Optimizer['applyGradients'] | undefined;
  readonly listeners: Map<StepListener, GradientListener | undefined>;
}

const hooks = new WeakMap<Optimizer, Hook>();

/**
 * Calls `listener` right after each step of `optimizer`, before anything reads
 * the new weights, and `before` right before it. `fit` validates before
 * `onBatchEnd` of an epoch's last batch, so a callback's hook would be too late.
 * `fit`, `fitDataset`, `trainOnBatch` and `optimizer.minimize` all pass here.
 *
 * One wrapper an optimizer, on the instance, taken away with the last listener.
 *
 * @returns A function that detaches the listener.
 */
export function onOptimizerStep(
  optimizer: Optimizer,
  listener: StepListener,
  before?: GradientListener,
): () => void {
  const hook = hooks.get(optimizer) ?? wrap(optimizer);
  hook.listeners.set(listener, before);
  return () => {
    hook.listeners.delete(listener);
    if (hook.listeners.size === 0) {
      unwrap(optimizer, hook);
    }
  };
}

/** Detaches all listeners of `optimizer`. */
export function detachAll(optimizer: Optimizer): void {
  const hook = hooks.get(optimizer);
  if (hook) {
    hook.listeners.clear();
    unwrap(optimizer, hook);
  }
}

function unwrap(optimizer: Optimizer, hook: Hook): void {
  // Somebody may have wrapped ours since: then it stays, without listeners.
  if (optimizer.applyGradients !== hook.wrapper) {
    return;
  }
  hooks.delete(optimizer);
  if (hook.own) {
    optimizer.applyGradients = hook.own;
  } else {
    Reflect.deleteProperty(optimizer, 'applyGradients');
  }
}

function wrap(optimizer: Optimizer): Hook {
  const original = optimizer.applyGradients;
  const own = Object.hasOwn(optimizer, 'applyGradients') ? original : undefined;
  const listeners: Hook['listeners'] = new Map();
  const wrapper = function (this: Optimizer, gradients: NamedTensorMap) {
    const called = [...listeners];
    called.forEach(([, before]) => before?.(gradients));
    original.call(this, gradients as NamedTensorMap);
    called.forEach(([listener]) => listener(this.iterations));
  } as Optimizer['applyGradients'];
  const hook = {wrapper, own, listeners};
  optimizer.applyGradients = wrapper;
  hooks.set(optimizer, hook);
  return hook;
}
