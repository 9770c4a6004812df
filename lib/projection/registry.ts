import type {Tensor, Variable} from '@tensorflow/tfjs-core';
import {tidy} from '@tensorflow/tfjs-core';
import type {LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {readWeight} from '../model/read_weight';
import {isStepping, watchStockOptimizers} from './optimizer_step';

/**
 * What a write to a weight is: the outcome of an optimizer step, or values that
 * take the place of those before, such as those of `setWeights`.
 */
export type Change = 'update' | 'replacement';

/**
 * Something that holds for a weight after every write: a mask sets elements to
 * zero, a rounding leaves few different values.
 */
export interface Projection {
  /** The nearest thing to `written` that is allowed, a new tensor. Runs in a tidy, and reads nothing back. */
  project(variable: LayerVariable, written: Tensor, change: Change): Tensor;
  /** The same projection with tensors of its own. */
  clone(): Projection;
  /** Frees its tensors. */
  dispose(): void;
}

/** The kinds of projections, in the order in which they are applied. A weight has at most one of each. */
const KINDS = ['mask', 'rounding'] as const;

/** What of a variable is replaced. */
const METHODS = ['assign', 'dispose'] as const;

/** A kind of projection. */
export type ProjectionKind = (typeof KINDS)[number];

/** All that is held for a weight. */
export type Holding = Partial<Record<ProjectionKind, Projection>>;

interface Entry {
  readonly holding: Holding;
  /** Writes to the weight without projecting. */
  readonly write: (value: Tensor) => void;
  /** Leaves the variable as tfjs made it. */
  readonly uninstall: () => void;
}

/**
 * The projections of all models. They are keyed by variable, since models share
 * layers, and since a `Sequential` shows callbacks an inner model.
 */
const entries = new WeakMap<LayerVariable, Entry>();

/** The projection of this kind that `variable` has, owned by this registry. */
export function projectionOf(
  variable: LayerVariable,
  kind: ProjectionKind,
): Projection | undefined {
  return entries.get(variable)?.holding[kind];
}

/**
 * Holds `projection` for `variable` from now on, in place of one of the same
 * kind, and applies it. All writes in tfjs pass `Variable.assign`, which is
 * therefore replaced on this variable: optimizers, `setWeights`, `loadWeights`
 * and whatever the user calls.
 */
export function hold(variable: LayerVariable, kind: ProjectionKind, projection: Projection): void {
  const entry = entries.get(variable) ?? install(variable);
  const former = entry.holding[kind];
  entry.holding[kind] = projection;
  if (former !== projection) {
    former?.dispose();
  }
  project(variable, 'update');
}

/** Ends the projection of this kind and frees it. The weight keeps its values. */
export function release(variable: LayerVariable, kind: ProjectionKind): void {
  const entry = entries.get(variable);
  if (entry) {
    entry.holding[kind]?.dispose();
    delete entry.holding[kind];
    if (KINDS.every((each) => entry.holding[each] === undefined)) {
      entries.delete(variable);
      entry.uninstall();
    }
  }
}

/** Ends all projections of `variable` and frees them. The weight keeps its values. */
export function releaseAll(variable: LayerVariable): void {
  KINDS.forEach((kind) => release(variable, kind));
}

/** Applies what is held for `variable` once more, to the values that it has. */
export function reproject(variable: LayerVariable): void {
  project(variable, 'update');
}

/**
 * Writes `value` as it is, whatever is held for `variable`: to have a look at
 * the model with other weights, or to put back what was there.
 */
export function writeUnprojected(variable: LayerVariable, value: Tensor): void {
  const entry = entries.get(variable);
  if (entry) {
    entry.write(value);
  } else {
    readWeight(variable).assign(value);
  }
}

/** Copies of all that is held for `variable`, to be given to `restoreHolding`. */
export function copyHolding(variable: LayerVariable): Holding {
  const {holding = {}} = entries.get(variable) ?? {};
  return Object.fromEntries(KINDS.flatMap((kind) => cloned(kind, holding[kind])));
}

/** Holds copies of `holding` for `variable`, and nothing else. The weight keeps its values. */
export function restoreHolding(variable: LayerVariable, holding: Holding): void {
  releaseAll(variable);
  const copies = KINDS.flatMap((kind) => cloned(kind, holding[kind]));
  if (copies.length > 0) {
    Object.assign(install(variable).holding, Object.fromEntries(copies));
  }
}

/** Frees what `copyHolding` has given. */
export function disposeHolding(holding: Holding): void {
  KINDS.forEach((kind) => holding[kind]?.dispose());
}

/** The variables of `model` that have a projection of this kind, nested models' included. */
export function variablesWith(model: LayersModel, kind: ProjectionKind): LayerVariable[] {
  return [...new Set(model.weights)].filter((variable) => projectionOf(variable, kind));
}

function cloned(
  kind: ProjectionKind,
  projection: Projection | undefined,
): [ProjectionKind, Projection][] {
  return projection ? [[kind, projection.clone()]] : [];
}

function install(variable: LayerVariable): Entry {
  watchStockOptimizers();
  const weight = readWeight(variable);
  const {assign, dispose} = weight;
  const former = {assign, dispose};
  // Somebody may have put functions of their own on the variable, before or since.
  const owned = METHODS.filter((name) => Object.hasOwn(weight, name));
  let isActive = true;
  const wrappers = {
    assign: (value: Tensor) => {
      // First as it is: tfjs checks shape and type, and throws before anything changes.
      assign.call(weight, value);
      if (isActive) {
        project(variable, isStepping() ? 'update' : 'replacement');
      }
    },
    dispose: () => {
      if (isActive) {
        releaseAll(variable);
      }
      dispose.call(weight);
    },
  };
  const entry: Entry = {
    holding: {},
    write: (value) => assign.call(weight, value),
    uninstall: () => {
      isActive = false;
      for (const name of METHODS.filter((each) => weight[each] === wrappers[each])) {
        delete (weight as Partial<Variable>)[name];
        if (owned.includes(name)) {
          Object.assign(weight, {[name]: former[name]});
        }
      }
    },
  };
  Object.assign(weight, wrappers);
  entries.set(variable, entry);
  return entry;
}

function project(variable: LayerVariable, change: Change): void {
  const entry = entries.get(variable);
  if (entry) {
    tidy(() => {
      const weight: Tensor = readWeight(variable);
      const projected = KINDS.reduce(
        (written, kind) => entry.holding[kind]?.project(variable, written, change) ?? written,
        weight,
      );
      if (projected !== weight) {
        entry.write(projected);
      }
    });
  }
}
