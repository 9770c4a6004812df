import {constantSparsity, piecewiseConstant, polynomialDecay} from '../../lib';
import {PruningError} from '../../lib/base/errors';
import {cycleShare, cyclesOf} from '../../lib/schedule/cycles';

describe('cyclesOf', () => {
  const gradual = {initialSparsity: 0, finalSparsity: 0.9, beginStep: 10, endStep: 40};

  it.each([
    ['a cycle from each change', piecewiseConstant([[5, 0.5], [9, 0.8]]), [0, 5, 9]], // prettier-ignore
    ['none twice', piecewiseConstant([[0, 0.5], [9, 0.8]]), [0, 9]], // prettier-ignore
    ['one from the end of a gradual schedule', polynomialDecay(gradual), [0, 40]],
    ['steps of one’s own', [3, 7], [0, 3, 7]],
    ['a single one', [], [0]],
  ])('gives %s', (_, schedule, starts) => {
    expect(cyclesOf(schedule, 50)).toEqual({starts, end: 50});
  });

  it.each<[string, unknown, unknown, string]>([
    ['any function', (step: number) => step, 9, 'schedule'],
    ['a number', 5, 9, 'schedule'],
    ['falling steps', [5, 4], 9, 'schedule[1]'],
    ['half a step', [1.5], 9, 'schedule[0]'],
    ['an end before the last cycle', [5], 5, 'endStep'],
    ['no end', [5], undefined, 'endStep'],
    ['an endless schedule', constantSparsity({sparsity: 0.5}), 9, 'schedule[0]'],
  ])('refuses %s', (_, schedule, end, argument) => {
    const make = () => cyclesOf(schedule as number[], end as number);
    expect(make).toThrow(PruningError);
    expect(make).toThrow(`${argument}: expected`);
  });
});

test('cycleShare falls by half a cosine in each cycle, and stays at the last', () => {
  const cycles = {starts: [0, 12], end: 18};
  // cos 0, 60°, 90°, 120°; then anew.
  const steps = [0, 4, 6, 8, 12, 14, 15, 16, 18, 100];
  const shares = steps.map((step) => cycleShare(cycles, step, 0.2));
  [1, 0.8, 0.6, 0.4, 1, 0.8, 0.6, 0.4, 0.2, 0.2].forEach((share, i) =>
    expect(shares[i]).toBeCloseTo(share, 12),
  );
});
