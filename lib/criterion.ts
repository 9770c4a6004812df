import type {Tensor} from '@tensorflow/tfjs-core';
import {
  abs,
  add,
  clone,
  div,
  keep,
  mul,
  neg,
  randomUniform,
  square,
  sub,
  tidy,
} from '@tensorflow/tfjs-core';

import {PruningError} from './errors';
import type {LayerWeight} from './layer_walk';
import {denseOf} from './mask';
import {gradientOf, type Gradients} from './optimizer_step';
import {check, checkChoice} from './validate';

/** What a criterion of your own is given beside the weight. */
export interface CriterionContext {
  /** The gradient of the optimizer step just done, of the weight's shape; none outside a step. */
  gradient?: Tensor;
  /** Optimizer steps done. */
  step: number;
  /** The weight's name, such as `'dense_1/kernel'`. */
  layer: string;
}

/**
 * How important each element of a weight is: scores of the weight's shape,
 * computed on the device. The lowest scores are pruned first.
 */
export type CriterionFunction = (weight: Tensor, context: CriterionContext) => Tensor;

/**
 * | name | score | source |
 * | --- | --- | --- |
 * | `'magnitude'`, `'l1'` | \\|w\\|; over blocks their mean or largest | Han 2015 |
 * | `'l2'` | w²; over blocks their mean or largest | |
 * | `'gradient'` | mean \\|g\\| over the steps since the last update | |
 * | `'taylor'` | mean \\|w·g\\| over these steps | Molchanov 2017 |
 * | `'movement'` | −Σ w·g over all steps so far | Sanh 2020 |
 * | `'random'` | uniform, from `seed` | |
 */
export type CriterionName =
  'magnitude' | 'l1' | 'l2' | 'gradient' | 'taylor' | 'movement' | 'random';

/** A criterion by name, or a function of your own. */
export type Criterion = CriterionName | CriterionFunction;

/** Criteria that look at the weight alone. */
const OF_WEIGHT = {
  magnitude: (weight: Tensor) => abs(weight),
  l1: (weight: Tensor) => abs(weight),
  l2: (weight: Tensor) => square(weight),
} as const;

/** Criteria that sum over optimizer steps: what each step adds, before it is applied. */
const OF_GRADIENT = {
  gradient: (_weight: Tensor, gradient: Tensor) => abs(gradient),
  taylor: (weight: Tensor, gradient: Tensor) => abs(mul(weight, gradient)),
  movement: (weight: Tensor, gradient: Tensor) => neg(mul(weight, gradient)),
} as const;

const NAMES = [...Object.keys(OF_WEIGHT), ...Object.keys(OF_GRADIENT), 'random'] as CriterionName[];

/** Throws unless `criterion` is a name or a function. */
export function checkCriterion(criterion: unknown): asserts criterion is Criterion {
  if (typeof criterion !== 'function') {
    checkChoice('criterion', criterion, NAMES);
  }
}

/** Whether `criterion` can score nothing before it has seen an optimizer step. */
export function needsGradients(criterion: Criterion): boolean {
  return typeof criterion === 'string' && criterion in OF_GRADIENT;
}

/**
 * Scores weights by a criterion, and keeps on the device what the criterion
 * has to remember of the optimizer's steps; nothing where it needs nothing.
 */
export class Scorer {
  private readonly sums = new Map<string, Tensor>();
  private readonly last = new Map<string, Tensor>();
  private steps = 0;
  private draws = 0;

  constructor(
    private readonly criterion: Criterion,
    private readonly seed: number,
  ) {}

  /** Whether the criterion has to see an optimizer step before it can score. */
  get isWaiting(): boolean {
    return needsGradients(this.criterion) && this.steps === 0;
  }

  /** Whether `observe` has to be called at each step. */
  get isObserving(): boolean {
    return this.addend !== undefined || typeof this.criterion === 'function';
  }

  /** What a function of the user's is called in errors; `undefined` for a criterion by name. */
  get customName(): string | undefined {
    return typeof this.criterion === 'function' ? nameOf(this.criterion) : undefined;
  }

  /** Takes up the gradients of a step that is about to be applied. */
  observe(weights: readonly LayerWeight[], gradients: Gradients): void {
    const addend = this.addend;
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
      return randomUniform(weight.shape, 0, 1, 'float32', this.seed + 7919 * this.draws);
    }
    if (criterion in OF_WEIGHT) {
      return OF_WEIGHT[criterion as keyof typeof OF_WEIGHT](weight);
    }
    const sum = this.sums.get(variable.name);
    // A weight that is not trained has no gradient: it matters least by all of these.
    return sum ? div(sum, this.steps) : sub(weight, weight);
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

  private get addend(): ((weight: Tensor, gradient: Tensor) => Tensor) | undefined {
    return typeof this.criterion === 'string'
      ? (OF_GRADIENT as Record<string, (weight: Tensor, gradient: Tensor) => Tensor>)[
          this.criterion
        ]
      : undefined;
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
  if (!Array.isArray(shape)) {
    throw new PruningError(argument, 'a tensor of scores', scores);
  }
  check(
    shape.join() === weight.shape.join(),
    argument,
    `scores of shape [${weight.shape}]`,
    `[${shape}]`,
  );
}
