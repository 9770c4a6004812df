/**
 * Measures several things in turns, every other round backwards, so that none always
 * follows the same one.
 *
 * @returns By round, what `measure` gave for each.
 */
export async function inTurns<T>(
  count: number,
  rounds: number,
  measure: (i: number) => Promise<T>,
): Promise<T[][]> {
  const all: T[][] = [];
  for (let round = 0; round < rounds; ++round) {
    const own: T[] = [];
    for (let turn = 0; turn < count; ++turn) {
      const i = round % 2 ? turn : count - 1 - turn;
      own[i] = await measure(i);
    }
    all.push(own);
  }
  return all;
}
