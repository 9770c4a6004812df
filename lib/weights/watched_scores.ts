import type {Tensor} from '@tensorflow/tfjs-core';
import {add, dispose, tidy} from '@tensorflow/tfjs-core';

import {FiniteWatch} from '../base/finite_watch';
import type {LayerWeight} from '../model/layer_walk';
import {readWeight} from '../model/read_weight';
import type {Scoring} from './scoring';

/** The scores of a weight, of its shape. */
export type Score = (weight: LayerWeight) => Tensor;

/**
 * The scores of weights, and what is wrong with them: a NaN or an infinity in one
 * of the weights turns all scores to NaN, by which selections leave masks as they
 * are. Which it was is kept on the device, for an error later.
 */
export class WatchedScores {
  protected weights: readonly LayerWeight[] = [];
  private watched = new FiniteWatch([], '');

  constructor(readonly scorer: Scoring) {}

  /** Watches other weights. Throws a `PruningError` where one is not finite now. */
  async watch(weights: readonly LayerWeight[], step: number): Promise<void> {
    this.dispose();
    this.weights = weights;
    this.watched = new FiniteWatch(
      weights.map(({name}) => `weight '${name}'`),
      'lower the learning rate, or look for a NaN in the data',
    );
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
    return (weight) => tidy(() => add(this.scorer.score(weight, step), spoilt));
  }

  /** Throws where something was seen not to be finite since the last call; small reads. */
  async throwIfSpoilt(): Promise<void> {
    await this.watched.throwIfSpoilt();
  }

  /** Forgets what was seen. */
  dispose(): void {
    this.watched.dispose();
  }

  private lookAtWeights(step: number): Tensor {
    return this.watched.look(
      step,
      this.weights.map(({variable}) => readWeight(variable)),
    );
  }
}
