import {add, type Tensor, tidy} from '@tensorflow/tfjs-core';

import {FiniteWatch} from '../base/finite_watch';
import type {LayerWeight} from '../model/layer_walk';
import {type Score, WatchedScores} from './watched_scores';

/**
 * The scores that a function of the user's gives. They are watched too: what is
 * wrong with one of them spoils all.
 */
export class CustomScores extends WatchedScores {
  private watchedScores = new FiniteWatch([], '');

  override async watch(weights: readonly LayerWeight[], step: number): Promise<void> {
    this.watchedScores.dispose();
    this.watchedScores = new FiniteWatch(
      weights.map(({name}) => `${this.scorer.customName} for '${name}'`),
      'look at what the criterion divides by',
    );
    await super.watch(weights, step);
  }

  override open(step: number, made: Tensor[]): Score {
    const score = super.open(step, made);
    const scores = tidy(() => this.weights.map(score));
    made.push(...scores);
    const spoilt = this.watchedScores.look(step, scores);
    made.push(spoilt);
    return (weight) => add(scores[this.weights.indexOf(weight)], spoilt);
  }

  override async throwIfSpoilt(): Promise<void> {
    await super.throwIfSpoilt();
    await this.watchedScores.throwIfSpoilt();
  }

  override dispose(): void {
    super.dispose();
    this.watchedScores.dispose();
  }
}
