import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

import {prunableWeights} from '../../lib/model/prunable';
import {erkSparsities} from '../../lib/weights/erk';
import {chooseTogether, groupBy} from '../../lib/weights/scope';
import {chooseSmallest, groupEach} from '../../lib/weights/weight_group';
import {mlp} from '../setup/models';

const schedule = (final = 0.5) => Object.assign(() => final);

describe('groupBy', () => {
  const weights = () => prunableWeights(mlp({units: [6, 4, 2]}), {dense_1: 0.25});
  const shown = (groups: ReturnType<typeof groupEach>) =>
    groups.map(({weights: own, size, sparsityAt, isPool}) => [
      own.map(({name}) => name).join(),
      size,
      Number(sparsityAt(0).toFixed(3)),
      isPool,
    ]);

  it("'global' ranks all together that have no sparsity of their own", () => {
    expect(shown(groupBy('global')(weights(), schedule))).toEqual([
      ['dense_1/kernel', 24, 0.25, false],
      ['dense_0/kernel,dense_2/kernel', 32, 0.5, true],
    ]);
  });

  it("'erk' gives each a sparsity by its shape, but for those with one of their own", () => {
    const [first, last] = erkSparsities(
      [
        [4, 6],
        [4, 2],
      ],
      0.5,
    ).map((sparsity) => Number(sparsity.toFixed(3)));
    expect(shown(groupBy('erk')(weights(), schedule))).toEqual([
      ['dense_0/kernel', 24, first, false],
      ['dense_1/kernel', 24, 0.25, false],
      ['dense_2/kernel', 8, last, false],
    ]);
  });

  it('makes no group of none', () => {
    const named = prunableWeights(mlp(), {dense_0: 0.1, dense_1: 0.2});
    for (const scope of ['global', 'erk'] as const) {
      expect(shown(groupBy(scope)(named, schedule))).toEqual(shown(groupEach(named, schedule)));
    }
  });
});

it('chooseTogether takes of one weight what chooseSmallest takes', () => {
  const numbers = fc.array(fc.integer({min: 0, max: 5}), {minLength: 1, maxLength: 30});
  fc.assert(
    fc.property(numbers, fc.double({min: 0, max: 0.99, noNaN: true}), (list, sparsity) => {
      const masks = tf.tidy(() => {
        const contest = {
          weights: prunableWeights(mlp({units: [1]})),
          scores: [tf.tensor2d(list, [list.length, 1])],
          masks: [
            tf.tensor2d(
              list.map((_, i) => Number(i % 3 > 0)),
              [list.length, 1],
            ),
          ],
          minKeep: 0,
        };
        const due = {count: Math.floor(sparsity * list.length), sparsity};
        return [chooseSmallest, chooseTogether].map((choose) => [
          ...choose(contest, due)[0].dataSync(),
        ]);
      });
      expect(masks[1]).toEqual(masks[0]);
    }),
    {numRuns: 50},
  );
});
