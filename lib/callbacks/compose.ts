import {Callback, CustomCallback} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {OptimizerCallback} from './base/optimizer_callback';

type BaseCallback = CustomCallback | Callback;
type PlainCallback = ConstructorParameters<typeof CustomCallback>[0];

/** Losses and metrics by name, as `fit` tells them to hooks of plain objects. */
type NumberLogs = Record<string, number>;

/** Hooks of a plain object, which `fit` calls with numbers. */
export interface CallbackHooks {
  /** Called once, before the first epoch. */
  onTrainBegin?: (logs?: NumberLogs) => void | Promise<void>;
  /** Called once, after the last epoch. */
  onTrainEnd?: (logs?: NumberLogs) => void | Promise<void>;
  /** Called before each epoch, counted from 0. */
  onEpochBegin?: (epoch: number, logs?: NumberLogs) => void | Promise<void>;
  /** Called after each epoch, with its losses and metrics. */
  onEpochEnd?: (epoch: number, logs?: NumberLogs) => void | Promise<void>;
  /** Called before each batch of an epoch, counted from 0. */
  onBatchBegin?: (batch: number, logs?: NumberLogs) => void | Promise<void>;
  /** Called after each batch, with its losses and metrics. */
  onBatchEnd?: (batch: number, logs?: NumberLogs) => void | Promise<void>;
  /** Called when `fit` yields, so that other code can run. */
  onYield?: (epoch: number, batch: number, logs: NumberLogs) => void | Promise<void>;
}

/** What `composeCallbacks` takes: callbacks, plain objects of hooks, lists of them, or nothing. */
export type CallbackLike =
  // Not all of a callback: with its hooks too, TypeScript would infer no arguments of a plain one's.
  | Pick<BaseCallback, 'setParams' | 'setModel'>
  | CallbackHooks
  | readonly CallbackLike[]
  | null
  | undefined;

const HOOKS = [
  'onTrainBegin',
  'onTrainEnd',
  'onEpochBegin',
  'onEpochEnd',
  'onBatchBegin',
  'onBatchEnd',
  'onYield',
];

/**
 * Makes one list that `fit` accepts from callbacks and plain objects. tfjs itself looks
 * only at the first element, so a plain object next to a `tf.Callback` throws or is
 * ignored. Callbacks that change weights come first, so that others see `logs.sparsity`.
 *
 * @throws PruningError for an element that is neither.
 * @example
 * const log = (epoch: number, logs?: Record<string, number>) => console.log(epoch, logs?.sparsity);
 * await model.fit(x, y, {epochs: 4, callbacks: composeCallbacks(pruner, {onEpochEnd: log})});
 */
export function composeCallbacks(...callbacks: CallbackLike[]): BaseCallback[] {
  const list = (callbacks as unknown[])
    .flat(Infinity)
    .filter((callback) => callback != null)
    .map(toCallback);
  const first = (callback: BaseCallback) => (callback instanceof OptimizerCallback ? 0 : 1);
  return list.sort((a, b) => first(a) - first(b));
}

function toCallback(callback: unknown): BaseCallback {
  if (callback instanceof Callback || callback instanceof CustomCallback) {
    return callback;
  }
  // tf.node.tensorBoard and others may come from another copy of the base class.
  if (typeof (Object(callback) as Partial<BaseCallback>).setParams === 'function') {
    return callback as BaseCallback;
  }
  check(
    typeof callback === 'object' && HOOKS.some((hook) => hook in (callback as object)),
    'callbacks',
    `callbacks, or objects with some of ${HOOKS.join(', ')}`,
    callback,
  );
  return new CustomCallback(callback as PlainCallback, 'auto');
}
