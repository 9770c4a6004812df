import {PruningError} from './errors';
import {nearest} from './nearest';

/** Throws unless `value` is a sparsity: a number in [0, 1). */
export function checkSparsity(argument: string, value: unknown): asserts value is number {
  check(
    typeof value === 'number' && value >= 0 && value < 1,
    argument,
    'a number in [0, 1)',
    value,
  );
}

/** Throws unless `value` is an integer of at least `least`. */
export function checkInteger(
  argument: string,
  value: unknown,
  least: number,
): asserts value is number {
  check(
    Number.isInteger(value) && (value as number) >= least,
    argument,
    `an integer of at least ${least}`,
    value,
  );
}

/** Throws unless `value` is a finite number above 0. */
export function checkAbove0(argument: string, value: unknown): asserts value is number {
  const isAbove0 = typeof value === 'number' && Number.isFinite(value) && value > 0;
  check(isAbove0, argument, 'a number above 0', value);
}

/** Throws unless `value` is one of `choices`. */
export function checkChoice<T extends string>(
  argument: string,
  value: unknown,
  choices: readonly T[],
): asserts value is T {
  const quoted = choices.map((choice) => `'${choice}'`).join(' or ');
  check(choices.includes(value as T), argument, quoted, value);
}

/** Throws where `args` is no object or has an option that is not among `known`; names the nearest. */
export function checkOptions(owner: string, args: unknown, known: readonly string[]): void {
  check(typeof args === 'object' && args !== null, owner, 'an object of options', args);
  for (const key of Object.keys(args)) {
    if (!known.includes(key)) {
      const isPart = (each: string) => each.toLowerCase().endsWith(key.toLowerCase());
      const near = nearest(key, known) ?? known.find(isPart);
      const hint = near === undefined ? '' : ` (perhaps ${near})`;
      throw new PruningError(owner, `options among ${known.join(', ')}${hint}`, key);
    }
  }
}

/** Throws a `PruningError` made of the last three arguments unless `condition` holds. */
export function check(
  condition: boolean,
  argument: string,
  expected: string,
  received: unknown,
): asserts condition {
  if (!condition) {
    throw new PruningError(argument, expected, received);
  }
}
