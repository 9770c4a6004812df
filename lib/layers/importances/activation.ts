import {
  abs,
  add,
  dispose,
  div,
  keep,
  max,
  maximum,
  stack,
  sum,
  type Tensor,
  tidy,
} from '@tensorflow/tfjs-core';

import {Pace} from '../../base/yielding';
import {outputsOf} from '../../data/calibration_loss';
import type {LayerMeasure} from './measure';
import {watchChanges} from './watch_changes';

/** The mean over samples and positions of |what the output changes by without the unit|. */
export const meanActivation = /* @__PURE__ */ measureOf(
  (change) => sum(change),
  add,
  (total, elements) => div(total, elements),
);

/** The largest of them. */
export const maxActivation = /* @__PURE__ */ measureOf(
  (change) => max(change),
  maximum,
  (largest) => largest,
);

function measureOf(
  ofCall: (change: Tensor) => Tensor,
  merge: (one: Tensor, other: Tensor) => Tensor,
  finish: (value: Tensor, elements: number) => Tensor,
): LayerMeasure {
  return async (units, {model, batches}) => {
    const seen = units.map((): Tensor | null => null);
    const elements = units.map(() => 0);
    const see = (unit: number, change: Tensor, output: Tensor) => {
      const former = seen[unit];
      const value = tidy(() => {
        const own = ofCall(abs(change));
        return former ? merge(former, own) : own;
      });
      // The call that is watched is inside a tidy.
      seen[unit] = keep(value);
      elements[unit] += change.size;
      former?.dispose();
      return output;
    };
    const pace = new Pace();
    try {
      for (const batch of batches) {
        watchChanges(units, see, () => dispose(outputsOf(model, batch)));
        await pace.rest();
      }
      return tidy(() => stack(seen.map((value, unit) => finish(value!, elements[unit]))));
    } finally {
      seen.forEach((value) => value?.dispose());
    }
  };
}
