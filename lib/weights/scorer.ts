import type {Tensor} from '@tensorflow/tfjs-core';
import {add, clone, div, keep, tidy} from '@tensorflow/tfjs-core';

import {check} from '../base/check';
import {PruningError} from '../base/errors';
import {seedOf, uniform} from '../base/random';
import type {LayerWeight} from '../model/layer_walk';
import type {SelectedWeight} from '../model/prunable';
import {denseOf} from '../projection/mask';
import {gradientOf, type Gradients} from '../projection/optimizer_step';
import {scoresOfWeight, scoresOverSteps} from './criteria';
import type {Criterion, CriterionFunction} from './criterion';
import {CustomScores} from './custom_scores';
import type {Scoring} from './scoring';
import {WatchedScores} from './watched_scores';

/**
 * Scores weights by any criterion but `'magnitude'`, and keeps on the device what the criterion
 * has to remember of the optimizer's steps; nothing where it needs nothing.
 */
export class Scorer implements Scoring {
  /** By the variable's name, as all below: what the steps seen add up to. */
  private readonly sums = new Map<string, Tensor>();
  /** The step's gradients, for a function of the user's. */
  private readonly last = new Map<string, Tensor>();
  private steps = 0;
  private draws = 0;
  private readonly overSteps: ReturnType<typeof scoresOverSteps>;

  constructor(
    private readonly criterion: Criterion,
    private readonly seed: number,
  ) {
    this.overSteps = scoresOverSteps(criterion);
  }

  /** Whether the criterion has to see an optimizer step before it can score. */
  get isWaiting(): boolean {
    return this.overSteps !== undefined && this.steps === 0;
  }

  /** What a function of the user's is called in errors; `undefined` for a criterion by name. */
  get customName(): string | undefined {
    return typeof this.criterion === 'function' ? nameOf(this.criterion) : undefined;
  }

  /** The scores of this criterion, and what is wrong with them. */
  watched(): WatchedScores {
    return this.customName === undefined ? new WatchedScores(this) : new CustomScores(this);
  }

  /** Throws where one of `weights` does not train, and the criterion needs its gradients. */
  check(weights: readonly SelectedWeight[]): void {
    const frozen = weights.find(({trains}) => trains === false);
    if (frozen && this.overSteps) {
      this.refuse(frozen);
    }
  }

  /** Takes up the gradients of a step that is about to be applied. */
  observe(weights: readonly LayerWeight[], gradients: Gradients): void {
    const addend = this.overSteps?.addend;
    if (!addend && this.customName === undefined) {
      return;
    }
    this.steps += 1;
    for (const {variable} of weights) {
      const gradient = gradientOf(gradients, variable.name);
      if (gradient && addend) {
        const former = this.sums.get(variable.name);
        const sum = tidy(() => {
          const added = addend(denseOf(variable), gradient);
          return former ? add(former, added) : added;
        });
        this.sums.set(variable.name, keep(sum));
        former?.dispose();
      } else if (gradient) {
        // Valid until the step's end, which is when a function is asked.
        this.last.set(variable.name, gradient);
      }
    }
  }

  /** The scores of a weight, of its shape. */
  score({name, variable}: LayerWeight, step: number): Tensor {
    const weight = denseOf(variable);
    const {criterion} = this;
    if (typeof criterion === 'function') {
      const scores = criterion(weight, {gradient: this.last.get(variable.name), step, layer: name});
      checkScores(criterion, scores, weight, name, step);
      // A copy: it may be the weight itself, or a tensor that the user goes on with.
      return clone(scores);
    }
    if (criterion === 'random') {
      this.draws += 1;
      return uniform(weight.shape, seedOf(this.seed, this.draws));
    }
    const ofWeight = scoresOfWeight(criterion);
    if (ofWeight) {
      return ofWeight(weight);
    }
    const sum = this.sums.get(variable.name);
    return sum ? div(sum, this.steps * this.overSteps!.sign) : this.refuse({name});
  }

  private refuse({name}: {name: string}): never {
    const expected = `one that needs no gradients for '${name}', which has none (is it frozen?)`;
    throw new PruningError('criterion', expected, this.criterion);
  }

  /** The step's gradients are about to be disposed. */
  endStep(): void {
    this.last.clear();
  }

  /** Begins to sum anew after an update; movement goes on over all training. */
  restart(): void {
    if (this.criterion !== 'movement') {
      this.dispose();
    }
  }

  /** Frees what was remembered. */
  dispose(): void {
    this.sums.forEach((sum) => sum.dispose());
    this.sums.clear();
    this.last.clear();
    this.steps = 0;
  }
}

function nameOf(criterion: CriterionFunction): string {
  return `criterion ${criterion.name || '(anonymous)'}`;
}

function checkScores(
  criterion: CriterionFunction,
  scores: unknown,
  weight: Tensor,
  layer: string,
  step: number,
): void {
  const argument = `${nameOf(criterion)} for '${layer}' at step ${step}`;
  const shape = (scores as Tensor | null)?.shape;
  check(Array.isArray(shape), argument, 'a tensor of scores', scores);
  check(
    shape.join() === weight.shape.join(),
    argument,
    `scores of shape [${weight.shape}]`,
    `[${shape}]`,
  );
}
