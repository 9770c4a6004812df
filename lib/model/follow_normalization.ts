import type {layers, LayersModel} from '@tensorflow/tfjs-layers';

import {checkChoice} from '../base/check';
import {batchNormalizations, isFrozen} from './normalization';

type Normalization = layers.Layer & {momentum: number};

/** How the moving statistics of batch normalizations are measured. */
export type NormalizationMode = 'follow' | 'keep';

/** Options of callbacks that change weights. */
export interface NormalizationArgs {
  /**
   * How batch normalization updates its moving statistics. `'follow'`: they are the mean
   * over the batches since weights were last pruned or rounded, at most ten, or fewer if
   * the `momentum` of the layer says so. `'keep'`: they follow `momentum` alone, so they
   * lag 1 / (1 − momentum) batches behind each change. Frozen layers do not change.
   * Default: `'follow'`.
   */
  normalization?: NormalizationMode;
}

/** Throws unless `mode` is a way to measure moving statistics. */
export function checkNormalization(mode: unknown): asserts mode is NormalizationMode {
  checkChoice('normalization', mode, ['follow', 'keep']);
}

/** The tie between one who changes weights of a model in training, and its normalizations. */
export interface Following {
  /** Tells that weights have changed, by a share in [0, 1] of what they were. */
  changed(share: number): void;
  /** Tells that the model has seen a batch, to make a step. */
  stepped(): void;
  /**
   * Ends it.
   *
   * @returns How many normalizations lag behind what has changed.
   */
  end(): number;
}

/** Moving statistics of a layer, and those who change weights that they depend on. */
interface Statistics {
  /**
   * Their squared error in units of that of a single batch: 1/k where they are the
   * mean of k batches.
   */
  error: number;
  /**
   * Calls of the layer for a batch: one for each step of time in a `TimeDistributed`, and
   * one for each use in the model. All of them count the same.
   */
  calls: number;
  /** Calls since the last step. */
  callsNow: number;
  readonly changers: Map<Following, {mode: NormalizationMode; isCurrent: () => boolean}>;
}

/** A change of weights by this share makes as large an error as measuring on one batch does. */
const NOISE = 0.1;
/**
 * The longest memory: training itself moves weights, and by more at the learning rate of
 * a fine-tuning than in the training that a momentum of 0.999 was chosen for.
 */
const LONGEST = 0.9;
/** A change by this share begins a new mean. */
const LARGE = 0.3;
/** The squared error of statistics that are worth nothing next to those of the next batch. */
const WORTHLESS = 1e4;
/** Statistics of fewer batches lag. */
const ENOUGH = 8;

const statistics = new WeakMap<layers.Layer, Statistics>();
/** The classes whose `call` asks for the momentum here. */
const watched = new WeakSet<object>();

/**
 * Makes the batch normalizations of `model` measure what they predict by from the
 * batches since weights have last changed, for as long as `isCurrent` says, or until
 * it is ended.
 *
 * The k-th batch since then weighs 1/k, as long as that is more than the layer's own
 * momentum gives it. Small changes count in part, as in a Kalman filter of a value that
 * wanders. If masks change a little at each step, the mean goes back over some batches,
 * and not over the last one only.
 */
export function followNormalization(
  model: LayersModel,
  mode: NormalizationMode,
  isCurrent: () => boolean,
): Following {
  const all = batchNormalizations(model).map((layer) => {
    watch(layer);
    const known = statistics.get(layer) ?? {error: 0, calls: 1, callsNow: 0, changers: new Map()};
    statistics.set(layer, known);
    known.callsNow = 0;
    return [layer as Normalization, known] as const;
  });
  const following: Following = {
    changed: (share) =>
      all.forEach(([, each]) => {
        each.error = share < LARGE ? each.error + (share / NOISE) ** 2 : WORTHLESS;
      }),
    stepped: () => all.forEach(([, each]) => countCalls(each)),
    end: () => {
      all.forEach(([, {changers}]) => changers.delete(following));
      return all.filter(([layer, {error, calls, changers}]) => {
        // That of a moving average in the long run.
        const usual = (calls * (1 - layer.momentum)) / (1 + layer.momentum);
        return changers.size === 0 && !isFrozen(layer) && error > usual + 1 / ENOUGH;
      }).length;
    },
  };
  all.forEach(([, {changers}]) => changers.set(following, {mode, isCurrent}));
  return following;
}

/**
 * Does `work`, whose callbacks need not warn that normalizations lag behind: they are measured
 * again afterward, or are made what they were.
 */
export async function unwarnedOfLag<T>(model: LayersModel, work: () => Promise<T>): Promise<T> {
  // Of several who follow one model, the last tells.
  const following = followNormalization(model, 'keep', () => true);
  try {
    return await work();
  } finally {
    following.end();
  }
}

/** Wraps `call` where it is defined, on the class: layers keep nothing that has to be undone. */
function watch(layer: layers.Layer): void {
  const owner = Object.getPrototypeOf(layer) as layers.Layer;
  if (watched.has(owner)) {
    return;
  }
  watched.add(owner);
  const {call} = owner;
  owner.call = function (this: Normalization, inputs, kwargs) {
    const known = kwargs?.training && !isFrozen(this) ? statistics.get(this) : undefined;
    const plain = () => call.call(this, inputs, kwargs);
    return known ? measure(this, known, plain) : plain();
  };
}

/** Calls a layer that measures a batch, with the momentum that its statistics need now. */
function measure<T>(layer: Normalization, known: Statistics, call: () => T): T {
  const {momentum} = layer;
  // A `fit` that threw has not ended what it began.
  known.changers.forEach(({isCurrent}, each) => isCurrent() || known.changers.delete(each));
  const isFollowed = [...known.changers.values()].some(({mode}) => mode === 'follow');
  const {error, calls} = known;
  const taken = isFollowed
    ? Math.min(momentum, LONGEST ** (1 / calls), calls / (calls + error))
    : momentum;
  layer.momentum = taken;
  try {
    return call();
  } finally {
    layer.momentum = momentum;
    known.error = taken ** 2 * error + (1 - taken) ** 2 * calls;
    ++known.callsNow;
  }
}

/** Learns how many calls make a batch. What fewer have measured was counted for too much. */
function countCalls(known: Statistics): void {
  const {calls, callsNow} = known;
  // Of several who follow one model, the first one counts.
  if (callsNow > 0) {
    known.error *= callsNow / calls;
    known.calls = callsNow;
    known.callsNow = 0;
  }
}
