import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';

import {exchange} from '../../../lib/weights/regrow/exchange';
import {distinct, random} from '../../setup/models';

interface Case {
  weight: number[];
  mask: number[];
  scores: number[];
  moves: number;
}

const moved = ({weight, mask, scores, moves}: Case) =>
  tf.tidy(() => {
    const zeros = mask.filter((value) => value === 0).length;
    const [w, m, s] = [weight, mask, scores].map((numbers) => tf.tensor1d(numbers, 'float32'));
    return [...exchange(w, m, s, zeros, moves).dataSync()];
  });

const CASE = {
  weight: [4, -1, 0, 3, 0, -2],
  mask: [1, 1, 0, 1, 0, 1],
  scores: [9, 1, 5, 9, 7, 0],
};

it.each([
  ['no connection', 0, [1, 1, 0, 1, 0, 1]],
  ['the smallest for the highest score', 1, [1, 0, 0, 1, 1, 1]],
  ['the two smallest for the two highest scores', 2, [1, 0, 1, 1, 1, 0]],
  // Of 4, −1, 3 and −2 only 4 is left; 3 goes, and comes back by its score of 9.
  ['three, of which one comes back at once', 3, [1, 0, 1, 1, 1, 0]],
])('moves %s', (_what, moves, wanted) => {
  expect(moved({...CASE, moves})).toEqual(wanted);
});

it('goes by position among ties', () => {
  const ties = {weight: [1, 1, 1, 0, 0, 0], mask: [1, 1, 1, 0, 0, 0], scores: [0, 0, 0, 2, 2, 2]};
  expect(moved({...ties, moves: 2})).toEqual([0, 0, 1, 0, 1, 1]);
});

it('keeps the number of zeros, and moves at most as many as it is told', () => {
  fc.assert(
    fc.property(fc.integer({min: 2, max: 60}), fc.nat(), fc.nat(), fc.nat(), (size, a, b, seed) => {
      const zeros = a % size;
      const moves = b % (size - zeros);
      const next = random(seed + 1);
      const order = Array.from({length: size}, (_, i) => i).sort(() => next() - 0.5);
      const mask = order.map((place) => (place < zeros ? 0 : 1));
      const weight = [...distinct(size, seed)].map((value, i) => value * mask[i]);
      const scores = Array.from({length: size}, () => Math.floor(4 * next()));
      const after = moved({weight, mask, scores, moves});
      expect(after.filter((value) => value === 0)).toHaveLength(zeros);
      const gone = after.filter((value, i) => mask[i] === 1 && value === 0);
      expect(gone.length).toBeLessThanOrEqual(moves);
      expect(after.every((value) => value === 0 || value === 1)).toBe(true);
    }),
    {numRuns: 60},
  );
});
