import {
  AdadeltaOptimizer,
  AdagradOptimizer,
  AdamaxOptimizer,
  AdamOptimizer,
  MomentumOptimizer,
  RMSPropOptimizer,
  SGDOptimizer,
  type NamedTensorMap,
  type Optimizer,
  type Tensor,
} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

/** Gradients by the names of their variables, in either form that optimizers take. */
export type Gradients = NamedTensorMap | ReadonlyArray<{name: string; tensor: Tensor}>;

/** The gradient of the variable of this name, if it has one. */
export function gradientOf(gradients: Gradients, name: string): Tensor | undefined {
  return Array.isArray(gradients)
    ? (gradients as Exclude<Gradients, NamedTensorMap>).find((each) => each.name === name)?.tensor
    : (gradients as NamedTensorMap)[name];
}

/** What is called around each optimizer step of a model. */
export interface StepListener {
  /** Called before a step with the gradients that it will apply. */
  readonly before?: (gradients: Gradients) => void;
  /** Called after a step, before anything reads the new weights. */
  readonly after: (optimizer: Optimizer) => void;
}

interface Listening {
  /** The names of the model's weights: an optimizer may have steps with those of others. */
  readonly names: ReadonlySet<string>;
  readonly listeners: Set<StepListener>;
}

const STOCK = [
  AdadeltaOptimizer,
  AdagradOptimizer,
  AdamOptimizer,
  AdamaxOptimizer,
  MomentumOptimizer,
  RMSPropOptimizer,
  SGDOptimizer,
];

/** The prototypes whose `applyGradients` tells of steps. */
const watched = new WeakSet<object>();
/** By model and not by optimizer: `compile` gives a model another optimizer. */
const listening = new WeakMap<LayersModel, Listening>();
/** The keys of `listening`, which do not keep their models alive. */
const models = new Set<WeakRef<LayersModel>>();
/** Optimizers that are in a step now: one, but for steps within steps. */
const stepping: Optimizer[] = [];

/** Whether an optimizer is in a step now, its listeners included. */
export function isStepping(): boolean {
  return stepping.length > 0;
}

/**
 * Calls `listener` around each step on weights of `model` of the optimizer that
 * the model has at the time. `fit` validates before `onBatchEnd` of an epoch's
 * last batch, so a callback's hook would be too late. `fit`, `fitDataset`,
 * `trainOnBatch` and `optimizer.minimize` all pass `applyGradients`.
 *
 * @returns A function that detaches the listener.
 */
export function onOptimizerStep(model: LayersModel, listener: StepListener): () => void {
  watchOptimizer(model.optimizer);
  watchStockOptimizers();
  const entry = listening.get(model) ?? listen(model);
  entry.listeners.add(listener);
  return () => {
    entry.listeners.delete(listener);
    if (listening.get(model) === entry && entry.listeners.size === 0) {
      detachAll(model);
    }
  };
}

/** Whether steps of `model` are listened to. */
export function hasListeners(model: LayersModel): boolean {
  return (listening.get(model)?.listeners.size ?? 0) > 0;
}

/** Detaches all listeners of `model`. */
export function detachAll(model: LayersModel): void {
  listening.get(model)?.listeners.clear();
  listening.delete(model);
  models.forEach((each) => [undefined, model].includes(each.deref()) && models.delete(each));
}

/** Sees to it that steps of the optimizers of tfjs are noticed, whoever made them. */
export function watchStockOptimizers(): void {
  STOCK.forEach((each) => watch(each.prototype));
}

/** Sees to it that steps of `optimizer` are noticed, which may be of the user's own class. */
export function watchOptimizer(optimizer: Optimizer): void {
  let prototype = Object.getPrototypeOf(optimizer) as Optimizer | null;
  while (prototype && !Object.hasOwn(prototype, 'applyGradients')) {
    prototype = Object.getPrototypeOf(prototype) as Optimizer | null;
  }
  // An optimizer without a class has only its own.
  watch(prototype ?? optimizer);
}

function listen(model: LayersModel): Listening {
  const entry = {
    names: new Set(model.weights.map(({name}) => name)),
    listeners: new Set<StepListener>(),
  };
  listening.set(model, entry);
  models.add(new WeakRef(model));
  return entry;
}

/**
 * Wraps `applyGradients` where it is defined: on the class, and not on the
 * instance, which the user may have given one of their own, for instance to
 * apply the gradients of several batches at once.
 */
function watch(owner: Optimizer): void {
  if (watched.has(owner)) {
    return;
  }
  watched.add(owner);
  const {applyGradients} = owner;
  owner.applyGradients = function (this: Optimizer, gradients: NamedTensorMap) {
    const apply = () => applyGradients.call(this, gradients);
    // A class may call that of the class which it extends.
    if (stepping.includes(this)) {
      apply();
    } else {
      step(this, gradients, apply);
    }
  };
}

function step(optimizer: Optimizer, gradients: Gradients, apply: () => void): void {
  stepping.push(optimizer);
  try {
    const called = listenersOf(optimizer, gradients);
    called.forEach(({before}) => before?.(gradients));
    apply();
    called.forEach(({after}) => after(optimizer));
  } finally {
    stepping.pop();
  }
}

function listenersOf(optimizer: Optimizer, gradients: Gradients): StepListener[] {
  const names = Array.isArray(gradients)
    ? (gradients as Exclude<Gradients, NamedTensorMap>).map(({name}) => name)
    : Object.keys(gradients);
  return [...models].flatMap((reference) => {
    const model = reference.deref();
    const entry = model?.optimizer === optimizer ? listening.get(model) : undefined;
    const isOwn = names.length === 0 || names.some((name) => entry?.names.has(name));
    return entry && isOwn ? [...entry.listeners] : [];
  });
}
