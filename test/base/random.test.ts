import {chanceAt, normal, randomNumbers, seedOf, uniform} from '../../lib/base/random';

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

it.each([
  ['uniform', uniform, 1 / 2, 1 / 12],
  ['normal', normal, 0, 1],
] as const)(
  'makes tensors of %s numbers, the same for the same seed',
  async (_, make, mean, variance) => {
    const drawn = make([200, 50], 3);
    expect([drawn.shape, drawn.dtype]).toEqual([[200, 50], 'float32']);
    const values = [...(await drawn.data())];
    expect([...(await make([10000], 3).data())]).toEqual(values);
    expect([...(await make([10000], 4).data())]).not.toEqual(values);
    const average = (list: number[]) => list.reduce((all, each) => all + each, 0) / list.length;
    // Five standard errors.
    const found = average(values);
    expect(Math.abs(found - mean)).toBeLessThan(5 * Math.sqrt(variance / 10000));
    expect(average(values.map((each) => (each - found) ** 2))).toBeCloseTo(variance, 1);
    expect(make([], 1).shape).toEqual([]);
  },
);

it('is below 1 as float32 too', async () => {
  const values = await uniform([2 ** 20], 5).data<'float32'>();
  expect(values.reduce((most, each) => Math.max(most, each), 0)).toBeLessThan(1);
  expect(values.reduce((least, each) => Math.min(least, each), 1)).toBeGreaterThanOrEqual(0);
});
