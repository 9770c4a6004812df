import fc from 'fast-check';

import {halvings} from '../../lib/auto/allocation';
import type {Candidate, Variant} from '../../lib/auto/candidate';
import {byDrop, searchAtSparsity, searchByDrop, type Workbench} from '../../lib/auto/search';

const VARIANTS: Variant[] = [
  {allocation: 'global', scoring: 'magnitude', rise: 0.5},
  {allocation: 'uniform', scoring: 'magnitude', rise: 0.5},
  {allocation: 'sensitivity', scoring: 'magnitude', rise: 0.5},
];

/** A bench where the drop is how far a candidate goes beyond what its allocation bears. */
function bench(bears: Partial<Record<Variant['allocation'], number>>, epochs: number, gain = 0) {
  const tried: Candidate[] = [];
  let left = epochs;
  const made: Workbench = {
    epochsLeft: () => left,
    async tryOut(candidate) {
      tried.push(candidate);
      left -= candidate.epochs;
      const {sparsity, allocation} = candidate;
      const borne = (bears[allocation] ?? 0) + gain * (candidate.epochs - 1);
      const drop = halvings(sparsity) - borne;
      return {metric: -drop, drop, sparsity, parameters: Math.round(1e6 * (1 - sparsity))};
    },
  };
  return {made, tried, left: () => left};
}

const ARGS = {variants: VARIANTS, trialEpochs: 1, finalEpochs: 3, start: 0.75, limit: 0};

describe('searchByDrop', () => {
  it('comes near the sparsest that holds, within the budget', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({min: 0.7, max: 8, noNaN: true}),
        fc.integer({min: 24, max: 60}),
        fc.double({min: 0, max: 0.5, noNaN: true}),
        async (bears, epochs, gain) => {
          const {made, left} = bench({global: bears}, epochs, gain);
          const found = await searchByDrop(made, ARGS);
          expect(left()).toBeGreaterThanOrEqual(0);
          expect(found!.outcome.drop).toBeLessThanOrEqual(0);
          // The last epochs go to a long trial of what holds.
          const borne = Math.min(bears + 2 * gain, 9);
          expect(borne - halvings(found!.candidate.sparsity)).toBeLessThan(epochs < 36 ? 1 : 0.6);
        },
      ),
    );
  });

  it('changes to the variant that does best where the first fails', async () => {
    const {made, tried} = bench({global: 3.5, uniform: 3, sensitivity: 5.6}, 40);
    const found = await searchByDrop(made, ARGS);
    expect(found!.candidate.allocation).toBe('sensitivity');
    expect(5.6 - halvings(found!.candidate.sparsity)).toBeLessThan(0.2);
    const failing = tried.find(({sparsity}) => halvings(sparsity) > 3.5)!;
    const others = tried.filter(({sparsity}) => sparsity === failing.sparsity);
    expect(new Set(others.map(({allocation}) => allocation)).size).toBe(3);
  });

  it('goes down where the first trial fails', async () => {
    const {made} = bench({global: 0.3}, 40);
    const found = await searchByDrop(made, ARGS);
    expect(0.3 - halvings(found!.candidate.sparsity)).toBeLessThan(0.2);
  });

  it('trains once where the budget is for no more', async () => {
    const {made, tried} = bench({global: 5}, 3);
    const found = await searchByDrop(made, ARGS);
    expect(tried).toEqual([{...VARIANTS[0], sparsity: 0.75, epochs: 3}]);
    expect(found!.candidate).toEqual(tried[0]);
  });

  it('trains what has held for long, where little is left', async () => {
    const {made, tried} = bench({global: 2.5}, 3 + 3 + 1 + 1 + 2);
    await searchByDrop(made, ARGS);
    const last = tried[tried.length - 1];
    expect(last.epochs).toBe(3);
    expect(halvings(last.sparsity)).toBeLessThanOrEqual(2.5);
  });

  it.each([0.5, 0.75, 0.97])('tries nothing that gains little: from %d down', async (start) => {
    const {made, tried, left} = bench({global: -1, uniform: -1, sensitivity: -1}, 120);
    expect(await searchByDrop(made, {...ARGS, start})).toBeNull();
    const short = tried.filter(({epochs}) => epochs === 1);
    expect(Math.min(...short.map(({sparsity}) => sparsity))).toBeGreaterThan(0.15);
    expect(Math.min(...tried.map(({sparsity}) => sparsity))).toBeGreaterThan(0.05);
    expect(left()).toBeGreaterThan(100);
  });

  it('finds nothing where nothing holds', async () => {
    const {made, left} = bench({global: -1, uniform: -1, sensitivity: -1}, 20);
    expect(await searchByDrop(made, ARGS)).toBeNull();
    expect(left()).toBeGreaterThanOrEqual(0);
  });

  it('never tries beyond 2⁻⁹ of the weights', async () => {
    const {made, tried} = bench({global: 100}, 100);
    const found = await searchByDrop(made, ARGS);
    expect(Math.max(...tried.map(({sparsity}) => halvings(sparsity)))).toBeLessThan(9.01);
    expect(halvings(found!.candidate.sparsity)).toBeGreaterThan(8.9);
  });
});

it('ranks what has diverged behind all others', () => {
  const drops = [NaN, 0.2, Infinity, NaN, -0.1];
  const outcomes = drops.map((drop) => ({metric: -drop, drop, sparsity: 0.5, parameters: 1}));
  const candidate = {...VARIANTS[0], sparsity: 0.5, epochs: 1};
  const trials = outcomes.map((outcome) => ({candidate, outcome})).sort(byDrop);
  expect(trials.slice(0, 2).map(({outcome}) => outcome.drop)).toEqual([-0.1, 0.2]);
});

describe('searchAtSparsity', () => {
  const args = {variants: VARIANTS, trialEpochs: 1, finalEpochs: 3, sparsityOf: () => 0.9};

  it('trains the best of all variants for long', async () => {
    const {made, tried} = bench({global: 1, uniform: 3, sensitivity: 2}, 6, 0.1);
    const found = await searchAtSparsity(made, args);
    expect(found.candidate).toEqual({...VARIANTS[1], sparsity: 0.9, epochs: 3});
    expect(tried.map(({epochs}) => epochs)).toEqual([1, 1, 1, 3]);
  });

  it('trains others too where the budget allows', async () => {
    const {made, tried, left} = bench({global: 1, uniform: 3, sensitivity: 2}, 10, 0.1);
    await searchAtSparsity(made, args);
    expect(tried.slice(3).map(({allocation}) => allocation)).toEqual(['uniform', 'sensitivity']);
    expect(left()).toBe(1);
  });

  it('takes no variant that diverges', async () => {
    const {made} = bench({global: NaN, uniform: 1}, 30);
    const found = await searchAtSparsity(made, args);
    expect(found.candidate.allocation).toBe('uniform');
  });

  it('trains the first where there is budget for one', async () => {
    const {made, tried} = bench({global: 1}, 3);
    await searchAtSparsity(made, args);
    expect(tried).toEqual([{...VARIANTS[0], sparsity: 0.9, epochs: 3}]);
  });
});
