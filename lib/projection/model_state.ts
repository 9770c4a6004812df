import type {Tensor} from '@tensorflow/tfjs-core';
import {clone, keep} from '@tensorflow/tfjs-core';
import type {LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {readWeight} from '../model/read_weight';
import {finaliseMask, maskOf, setMask} from './mask';

interface Kept {
  readonly variable: LayerVariable;
  readonly value: Tensor;
  readonly mask: Tensor | undefined;
}

/** All weights and masks of a model as they were at a moment, to the bit. */
export class ModelState {
  private readonly kept: Kept[];

  /** Copies that share their data with the model until it changes; owned by this state. */
  constructor(model: LayersModel) {
    this.kept = [...new Set(model.weights)].map((variable) => {
      const mask = maskOf(variable);
      return {
        variable,
        value: keep(clone(readWeight(variable))),
        mask: mask && keep(clone(mask)),
      };
    });
  }

  /** Gives the model back its weights and masks, as often as need be. */
  restore(): void {
    for (const {variable, value, mask} of this.kept) {
      if (mask) {
        setMask(variable, clone(mask));
      } else {
        finaliseMask(variable);
      }
      const copy = clone(value);
      readWeight(variable).assign(copy as ReturnType<typeof readWeight>);
      copy.dispose();
    }
  }

  /** Frees the copies. */
  dispose(): void {
    this.kept.forEach(({value, mask}) => {
      value.dispose();
      mask?.dispose();
    });
  }
}

/** Runs `task` on `model`, and leaves its weights and masks as they were, also when it throws. */
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
