import {chanceAt, randomNumbers, seedOf} from '../../lib/base/random';

const steps = Array.from({length: 20000}, (_, step) => step);

it('is in [0, 1), and evenly so', () => {
  const tenths = new Array<number>(10).fill(0);
  steps.forEach((step) => ++tenths[Math.floor(10 * chanceAt(3, step))]);
  // Seven standard deviations of a binomial distribution.
  tenths.forEach((count) => expect(Math.abs(count - 2000)).toBeLessThan(7 * Math.sqrt(1800)));
});

it('is the same for the same seed and step, and another for another', () => {
  expect(chanceAt(1, 5)).toBe(chanceAt(1, 5));
  const all = [1, 2, 3].flatMap((seed) => steps.slice(0, 1000).map((step) => chanceAt(seed, step)));
  expect(new Set(all).size).toBeGreaterThan(2990);
});

it('comes as a series, from the start for each generator', () => {
  const [first, second] = [randomNumbers(4), randomNumbers(4)];
  const drawn = steps.slice(0, 5).map(() => first());
  expect(drawn).toEqual(steps.slice(0, 5).map((step) => chanceAt(4, step)));
  expect(second()).toBe(drawn[0]);
});

it('makes seeds of draws that differ, integers of at least 0', () => {
  const seeds = [0, 1, 2].flatMap((seed) => steps.slice(0, 1000).map((draw) => seedOf(seed, draw)));
  expect(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31)).toBe(true);
  expect(new Set(seeds).size).toBe(3000);
});
