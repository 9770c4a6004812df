import {abs, type Tensor} from '@tensorflow/tfjs-core';

import type {LayerWeight} from '../model/layer_walk';
import type {SelectedWeight} from '../model/prunable';
import {denseOf} from '../projection/mask';
import type {Gradients} from '../projection/optimizer_step';

/** Scores weights by a criterion. What is optional, a criterion of the weight alone does not need. */
export interface Scoring {
  /** Whether the criterion has to see an optimizer step before it can score. */
  readonly isWaiting?: boolean;
  /** What a function of the user's is called in errors; `undefined` for a criterion by name. */
  readonly customName?: string;
  /** Throws where one of `weights` does not train, and the criterion needs its gradients. */
  check?(weights: readonly SelectedWeight[]): void;
  /** Takes up the gradients of a step that is about to be applied. */
  observe?(weights: readonly LayerWeight[], gradients: Gradients): void;
  /** The scores of a weight after `step` steps, of its shape. */
  score(weight: LayerWeight, step: number): Tensor;
  /** The step's gradients are about to be disposed. */
  endStep?(): void;
  /** Begins to sum anew after an update. */
  restart?(): void;
  /** Frees what was remembered. */
  dispose?(): void;
}

/** The criterion `'magnitude'`. */
export const MAGNITUDE: Scoring = {score: ({variable}) => abs(denseOf(variable))};
