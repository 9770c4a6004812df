import {
  add,
  div,
  dispose,
  mul,
  scalar,
  square,
  stack,
  type Tensor,
  tidy,
  zeros,
} from '@tensorflow/tfjs-core';

import {Pace} from '../../base/yielding';
import {batchGradients} from '../../data/calibration_loss';
import type {LayerMeasure} from './measure';
import {watchChanges} from './watch_changes';

/**
 * (Σ g·Δ)², averaged over batches, where Δ is what the unit's output changes by
 * without it, and g the gradient of the loss there: to first order the square of
 * what the loss changes by (Molchanov et al. 2019,
 * https://arxiv.org/abs/1906.10771). As the derivative by a gate that lets Δ in,
 * one gradient of the data gives that of all units.
 */
export const taylor: LayerMeasure = async (units, {model, batches}) => {
  const gates = units.map(() => scalar(0));
  const open = (unit: number, change: Tensor, output: Tensor) =>
    add(output, mul(gates[unit], change));
  let total: Tensor = zeros([units.length]);
  const pace = new Pace();
  try {
    for (const batch of batches) {
      watchChanges(units, open, () => {
        const former = total;
        total = tidy(() => add(former, square(stack(batchGradients(model, batch, gates)))));
        former.dispose();
      });
      await pace.rest();
    }
    return div(total, batches.length);
  } finally {
    dispose([total, ...gates]);
  }
};
