import {prunableWeights} from '../../lib/model/prunable';
import {CustomScores} from '../../lib/weights/custom_scores';
import {loadWays} from '../../lib/weights/load_ways';
import {chooseTogether} from '../../lib/weights/scope';
import {MAGNITUDE} from '../../lib/weights/scoring';
import {resolveSelection, type SelectionArgs} from '../../lib/weights/selection';
import {WatchedScores} from '../../lib/weights/watched_scores';
import {chooseSmallest, groupEach} from '../../lib/weights/weight_group';
import {mlp} from '../setup/models';

const waysOf = (args: SelectionArgs = {}) => loadWays(resolveSelection(args));

it('prunes single weights of all layers by magnitude, each layer by itself', async () => {
  const {weightsOf, scores, group, choose, tell} = await waysOf();
  expect(weightsOf(mlp()).map(({name}) => name)).toEqual(['dense_0/kernel', 'dense_1/kernel']);
  expect(scores).toBeInstanceOf(WatchedScores);
  expect(scores.scorer).toBe(MAGNITUDE);
  expect([group, choose, tell]).toEqual([groupEach, chooseSmallest, undefined]);
});

it('finds layers by name', async () => {
  const {weightsOf} = await waysOf({layers: ['dense_1']});
  expect(weightsOf(mlp()).map(({name}) => name)).toEqual(['dense_1/kernel']);
});

it.each<[SelectionArgs['criterion'], boolean, boolean]>([
  ['l2', false, false],
  ['taylor', true, false],
  [(weight) => weight, false, true],
])('scores by %p', async (criterion, isWaiting, isCustom) => {
  const {scores} = await waysOf({criterion});
  expect(scores.scorer.isWaiting).toBe(isWaiting);
  expect(scores instanceof CustomScores).toBe(isCustom);
});

it.each([
  ['global', 1],
  ['erk', 2],
] as const)('ranks by scope %s', async (scope, groups) => {
  const {group, choose} = await waysOf({scope});
  expect(group(prunableWeights(mlp()), () => () => 0.5)).toHaveLength(groups);
  expect(choose).toBe(chooseTogether);
});

it('chooses patterns, whatever the scope', async () => {
  for (const scope of ['layer', 'global'] as const) {
    const {choose, tell} = await waysOf({scope, structure: {block: [2, 2]}});
    expect([chooseSmallest, chooseTogether]).not.toContain(choose);
    expect(tell).toBeDefined();
  }
});

it('shares nothing that training changes', async () => {
  const [one, other] = [await waysOf(), await waysOf()];
  expect(one.scores).not.toBe(other.scores);
});
