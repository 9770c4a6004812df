import {check, checkInteger, checkSparsity} from '../base/check';
import {scheduleOf, type Schedule} from './schedule';

/**
 * Makes a schedule from a list of steps, each with the sparsity that holds from it on.
 * Masks are updated only at these steps.
 *
 * @param steps Pairs of a step and a sparsity. Steps must rise, and sparsities must not
 *   fall.
 * @throws PruningError for a list that is empty or out of order.
 * @example
 * const schedule = piecewiseConstant([[0, 0.5], [200, 0.8], [400, 0.9]]);
 * [0, 199, 200, 1000].map(schedule); //=> [0.5, 0.5, 0.8, 0.9]
 */
export function piecewiseConstant(steps: ReadonlyArray<readonly [number, number]>): Schedule {
  const expected = 'a list of [step, sparsity]';
  const given: unknown = steps;
  const isList = Array.isArray(given) && given.length > 0;
  check(isList && given.every((each) => Array.isArray(each)), 'steps', expected, steps);
  steps.forEach(([step, sparsity], i) => {
    checkInteger(`steps[${i}][0]`, step, i === 0 ? 0 : steps[i - 1][0] + 1);
    checkSparsity(`steps[${i}][1]`, sparsity);
    const former = i === 0 ? 0 : steps[i - 1][1];
    check(sparsity >= former, `steps[${i}][1]`, `at least ${former}, the one before`, sparsity);
  });
  const at = steps.map(([step]) => step);
  const [, last] = steps[steps.length - 1];
  return scheduleOf(
    (step) => steps.filter(([from]) => from <= step).at(-1)?.[1] ?? 0,
    {beginStep: at[0], endStep: at[at.length - 1], frequency: 1, at},
    (final) =>
      piecewiseConstant(
        steps.map(([step, sparsity]) => [step, last === 0 ? 0 : (sparsity / last) * final]),
      ),
  );
}
