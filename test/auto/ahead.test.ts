import fc from 'fast-check';

import {upcoming} from '../../lib/auto/ahead';
import {halvings} from '../../lib/auto/allocation';
import type {Candidate, Variant} from '../../lib/auto/candidate';
import {searchAtSparsity, searchByDrop, type Outcome, type Workbench} from '../../lib/auto/search';

const VARIANTS: Variant[] = [
  {allocation: 'global', scoring: 'magnitude', rise: 0.5},
  {allocation: 'uniform', scoring: 'magnitude', rise: 0.5},
  {allocation: 'sensitivity', scoring: 'magnitude', rise: 0.5},
];
const ARGS = {variants: VARIANTS, trialEpochs: 1, finalEpochs: 3, start: 0.75, limit: 0};
const byDrop = (bench: Workbench) => searchByDrop(bench, ARGS);
const key = (candidate: Candidate) => JSON.stringify(candidate);

/** What comes of a candidate where `bears` halvings cost nothing. */
function outcomeOf({sparsity}: Candidate, bears: number): Outcome {
  const drop = halvings(sparsity) - bears;
  return {metric: -drop, drop, sparsity, parameters: Math.round(1e6 * (1 - sparsity))};
}

it('begins with what a search asks for first, then both halves of what may come', async () => {
  const [first, ...others] = await upcoming(byDrop, {find: () => undefined, epochs: 30}, 3);
  expect(first).toMatchObject({allocation: 'global', sparsity: 0.75, epochs: 1});
  expect(others).toContainEqual({...VARIANTS[0], sparsity: 0.875, epochs: 1});
  expect(others).toContainEqual({...VARIANTS[1], sparsity: 0.75, epochs: 1});
});

it('knows all variants at one sparsity at once', async () => {
  const search = (bench: Workbench) =>
    searchAtSparsity(bench, {
      variants: VARIANTS,
      trialEpochs: 1,
      finalEpochs: 3,
      sparsityOf: () => 0.8,
    });
  const known = {find: () => undefined, epochs: 12};
  const found = await upcoming(search, known, 3);
  expect(found).toEqual(VARIANTS.map((variant) => ({...variant, sparsity: 0.8, epochs: 1})));
});

it('has each candidate that the search asks for among the surest, and ends with it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.double({min: 0.7, max: 8, noNaN: true}),
      fc.integer({min: 9, max: 40}),
      async (bears, epochs) => {
        const known = new Map<string, Outcome>();
        const find = (candidate: Candidate) => known.get(key(candidate));
        let left = epochs;
        await byDrop({
          epochsLeft: () => left,
          tryOut: async (candidate) => {
            if (!known.has(key(candidate))) {
              const [next] = await upcoming(byDrop, {find, epochs}, 1);
              expect(next).toEqual(candidate);
            }
            left -= candidate.epochs;
            known.set(key(candidate), outcomeOf(candidate, bears));
            return known.get(key(candidate))!;
          },
        });
        expect(await upcoming(byDrop, {find, epochs}, 8)).toEqual([]);
      },
    ),
    {numRuns: 40},
  );
});

it('names no candidate twice, nor one that is known', async () => {
  const first: Candidate = {...VARIANTS[0], sparsity: 0.75, epochs: 1};
  const find = (candidate: Candidate) =>
    key(candidate) === key(first) ? outcomeOf(candidate, 3) : undefined;
  const found = await upcoming(byDrop, {find, epochs: 30}, 16);
  expect(found.length).toBeGreaterThan(8);
  expect(new Set([...found, first].map(key)).size).toBe(found.length + 1);
});
