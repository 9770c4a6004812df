/**
 * Names in a sentence: the first five, and how many more there are.
 *
 * @example
 * listed(['a', 'b', 'c', 'd', 'e', 'f', 'g']); //=> 'a, b, c, d, e and 2 more'
 */
export function listed(names: readonly string[]): string {
  const more = names.length - MOST;
  return names.slice(0, MOST).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

const MOST = 5;
