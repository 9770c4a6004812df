import type {Tensor} from '@tensorflow/tfjs-core';
import {clone, keep} from '@tensorflow/tfjs-core';
import type {LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {readWeight} from '../model/read_weight';
import {
  copyHolding,
  disposeHolding,
  restoreHolding,
  writeUnprojected,
  type Holding,
} from './registry';

interface Kept {
  readonly variable: LayerVariable;
  readonly value: Tensor;
  readonly holding: Holding;
}

/** All weights of a model, and what was held for them, as they were at a moment, to the bit. */
export class ModelState {
  private readonly kept: Kept[];

  /** Copies that share their data with the model until it changes; owned by this state. */
  constructor(model: LayersModel) {
    this.kept = [...new Set(model.weights)].map((variable) => ({
      variable,
      value: keep(clone(readWeight(variable))),
      holding: copyHolding(variable),
    }));
  }

  /** The weights, by their variables; owned by this state. */
  values(): Map<LayerVariable, Tensor> {
    return new Map(this.kept.map(({variable, value}) => [variable, value]));
  }

  /** Gives the model back its weights, masks and roundings, as often as need be. */
  restore(): void {
    for (const {variable, value, holding} of this.kept) {
      restoreHolding(variable, holding);
      const copy = clone(value);
      writeUnprojected(variable, copy);
      copy.dispose();
    }
  }

  /** Frees the copies. */
  dispose(): void {
    this.kept.forEach(({value, holding}) => {
      value.dispose();
      disposeHolding(holding);
    });
  }
}

/** Runs `task` on `model`, and leaves it as it was, also when it throws. */
export async function preserving<T>(
  model: LayersModel,
  task: (state: ModelState) => Promise<T>,
): Promise<T> {
  const state = new ModelState(model);
  try {
    return await task(state);
  } finally {
    state.restore();
    state.dispose();
  }
}

/** Runs `task` on `model`, and leaves it as it was if it throws. */
export async function orUndone<T>(model: LayersModel, task: () => Promise<T>): Promise<T> {
  const state = new ModelState(model);
  try {
    return await task();
  } catch (error) {
    state.restore();
    throw error;
  } finally {
    state.dispose();
  }
}
