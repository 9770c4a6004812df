import type {Tensor} from '@tensorflow/tfjs-core';
import {abs, add, isNaN as isNaNTensor, mul, cast, sub, sum, tidy} from '@tensorflow/tfjs-core';

import {seedOf, uniform} from '../../base/random';
import type {LayerWeight} from '../../model/layer_walk';
import type {SelectedWeight} from '../../model/prunable';
import {readWeight} from '../../model/read_weight';
import {maskOf, setMask} from '../../projection/mask';
import {gradientOf, type Gradients} from '../../projection/optimizer_step';
import {checkRegrowth, regrown, type RegrowthArgs} from '../../projection/regrowth';
import type {WeightGroup} from '../weight_group';
import {exchange} from './exchange';

/** How connections move. */
export interface ExchangerArgs {
  /** What pruned weights come back by: the magnitude of their gradient, or chance. */
  readonly growBy: 'gradient' | 'random';
  /** The share of the kept weights that moves while a step is made. */
  readonly share: (step: number) => number;
  readonly regrowth: RegrowthArgs;
  readonly seed: number;
}

/** Moves connections in masks whose number of zeros stays as it is. */
export class Exchanger {
  constructor(private readonly args: ExchangerArgs) {}

  /** Throws where one of `weights` cannot come back from what it is to start from. */
  check(weights: readonly LayerWeight[]): void {
    weights.forEach((weight) => checkRegrowth(weight, this.args.regrowth));
  }

  /** The share of the kept weights that moves while step number `step` is made. */
  shareAt(step: number): number {
    return this.args.share(step);
  }

  /**
   * Moves connections of `groups`, of one weight each, while step number `step`
   * is being made: its gradients are there and not yet applied, and a weight that
   * comes back takes part in it. Masks stay where a gradient is missing or a NaN.
   */
  exchange(groups: readonly WeightGroup[], gradients: Gradients, step: number): void {
    groups.forEach(({weights: [weight], size, count}, index) => {
      const moves = Math.floor(this.shareAt(step) * (size - count));
      const mask = maskOf(weight.variable);
      const gradient = gradientOf(gradients, weight.variable.name);
      if (mask && gradient && moves > 0 && count > 0) {
        // Other numbers for each weight and step.
        const seed = seedOf(this.args.seed, step * groups.length + index);
        this.move(weight, mask, gradient, {count, moves, seed});
      }
    });
  }

  private move(
    weight: SelectedWeight,
    mask: Tensor,
    gradient: Tensor,
    {count, moves, seed}: {count: number; moves: number; seed: number},
  ): void {
    const {growBy, regrowth} = this.args;
    const variable = readWeight(weight.variable);
    tidy(() => {
      const scores = growBy === 'gradient' ? abs(gradient) : uniform(variable.shape, seed);
      const next = exchange(variable, mask, scores, count, moves);
      const spoilt = cast(isNaNTensor(add(sum(variable), sum(gradient))), 'float32');
      const after = add(mul(next, sub(1, spoilt)), mul(mask, spoilt));
      const back = mul(after, sub(1, mask));
      const start = regrowth.regrowth === 'zero' ? null : regrown(weight, regrowth, seed);
      setMask(weight.variable, after);
      if (start) {
        variable.assign(add<typeof variable>(variable, mul(start, back)));
      }
    });
  }
}
