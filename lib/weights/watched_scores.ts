import type {Tensor} from '@tensorflow/tfjs-core';
import {add, dispose, tidy} from '@tensorflow/tfjs-core';

import {FiniteWatch} from '../base/finite_watch';
import type {LayerWeight} from '../model/layer_walk';
import {readWeight} from '../model/read_weight';
import type {Scorer} from './scorer';

/** The scores of a weight, of its shape. */
export type Score = (weight: LayerWeight) => Tensor;

/**
 * The scores of weights, and what is wrong with them: a NaN or an infinity in one
 * of the weights, or in what a function of the user's makes of them, turns all
 * scores to NaN, by which selections leave masks as they are. Which it was is
 * kept on the device, for an error later.
 */
export class WatchedScores {
  private weights: readonly LayerWeight[] = [];
  /** Of the weights, and of the scores that a function of the user's gives. */
  private watches: FiniteWatch[] = [];

  constructor(private readonly scorer: Scorer) {}

  /** Watches other weights. Throws a `PruningError` where one is not finite now. */
  async watch(weights: readonly LayerWeight[], step: number): Promise<void> {
    this.dispose();
    this.weights = weights;
    this.watches = [
      new FiniteWatch(
        weights.map(({name}) => `weight '${name}'`),
        'lower the learning rate, or look for a NaN in the data',
      ),
      new FiniteWatch(
        weights.map(({name}) => `${this.scorer.customName} for '${name}'`),
        'look at what the criterion divides by',
      ),
    ];
    this.lookAtWeights(step).dispose();
    await this.throwIfSpoilt();
  }

  /** The result of `use`, which is given the scores of each weight after `step` steps. */
  with<T>(step: number, use: (score: Score) => T): T {
    const made: Tensor[] = [];
    try {
      return use(this.open(step, made));
    } catch (error) {
      this.dispose();
      throw error;
    } finally {
      dispose(made);
    }
  }

  /** The scores after `step` steps, until what they need, which is added to `made`, is disposed. */
  open(step: number, made: Tensor[]): Score {
    const spoilt = this.lookAtWeights(step);
    made.push(spoilt);
    const score: Score = (weight) => add(this.scorer.score(weight, step), spoilt);
    if (this.scorer.customName === undefined) {
      return score;
    }
    // All at once: what is wrong with one of them spoils all.
    const scores = tidy(() => this.weights.map((weight) => this.scorer.score(weight, step)));
    made.push(...scores);
    const spoiltScores = this.watches[1].look(step, scores);
    made.push(spoiltScores);
    return (weight) => add(add(scores[this.weights.indexOf(weight)], spoilt), spoiltScores);
  }

  /** Throws where something was seen not to be finite since the last call; small reads. */
  async throwIfSpoilt(): Promise<void> {
    for (const watch of this.watches) {
      await watch.throwIfSpoilt();
    }
  }

  /** Forgets what was seen. */
  dispose(): void {
    this.watches.forEach((watch) => watch.dispose());
  }

  private lookAtWeights(step: number): Tensor {
    const now = this.weights.map(({variable}) => readWeight(variable));
    return this.watches[0].look(step, now);
  }
}
