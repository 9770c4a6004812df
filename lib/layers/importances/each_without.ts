import {dispose, stack, type Tensor, tidy} from '@tensorflow/tfjs-core';

import {Pace} from '../../base/yielding';
import {bypass} from '../bypass';
import type {LayerUnit} from '../layer_units';

/**
 * Scores units one by one: float32 of shape `[units]`.
 *
 * @param score A scalar, on the device, of the model as it is without the unit of a number.
 */
export async function eachWithout(
  units: readonly LayerUnit[],
  score: (unit: number) => Tensor,
): Promise<Tensor> {
  const pace = new Pace();
  const scores: Tensor[] = [];
  try {
    for (let unit = 0; unit < units.length; unit++) {
      const undo = bypass(units[unit]);
      try {
        scores.push(tidy(() => score(unit)));
      } finally {
        undo();
      }
      await pace.rest();
    }
    return stack(scores);
  } finally {
    dispose(scores);
  }
}
