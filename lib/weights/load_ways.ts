import {usualWeights} from '../model/prune_candidates';
import {MAGNITUDE} from './scoring';
import type {ResolvedSelection} from './selection';
import {WatchedScores} from './watched_scores';
import type {Ways} from './ways';
import {chooseSmallest, groupEach} from './weight_group';

/**
 * The ways that options ask for. Most trainings prune single weights by magnitude, each
 * layer to the same sparsity: what else there is, is loaded only where it is asked for.
 */
export async function loadWays({
  layers,
  criterion,
  seed,
  scope,
  structure,
}: ResolvedSelection): Promise<Ways> {
  const [selecting, scoring, grouping, patterns] = await Promise.all([
    layers && import('../model/prunable'),
    criterion === 'magnitude' ? null : import('./scorer'),
    scope === 'layer' ? null : import('./scope'),
    structure && import('./patterns'),
  ]);
  return {
    weightsOf: selecting ? (model) => selecting.weightsToPrune(model, layers) : usualWeights,
    scores: scoring ? new scoring.Scorer(criterion, seed).watched() : new WatchedScores(MAGNITUDE),
    group: grouping ? grouping.groupBy(scope) : groupEach,
    choose: grouping?.chooseTogether ?? chooseSmallest,
    ...patterns?.patternsOf(structure!),
  };
}
