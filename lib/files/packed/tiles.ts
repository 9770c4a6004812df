/** How a weight is cut into tiles, whose words are coded apart from each other. */
export interface Tiling {
  /** Words in a row of the weight. */
  columns: number;
  /** Rows and columns of a tile; at the edges there may be fewer. */
  high: number;
  wide: number;
  /** How many kinds of tiles there are but empty ones; 0 where each word is kept or left out by itself. */
  kinds: number;
}

export type Words = Uint8Array | Uint16Array | Uint32Array;

/**
 * Puts the words of each kind of tiles where they belong, in the order of the weight. What is of
 * no kind stays as it is.
 *
 * @param parts First the kinds of all tiles, 0 for empty ones; without kinds a bit for each word,
 *   the lowest for the first. Then the words of each kind, from 1 on.
 * @param into Takes the words.
 * @param columns As the other numbers those of the `Tiling`.
 * @returns How long each of `parts` should have been.
 */
export function placeTiles(
  parts: readonly Words[],
  into: Words,
  columns: number,
  high: number,
  wide: number,
  kinds: number,
): number[] {
  const [map] = parts;
  const taken = parts.map(() => 0);
  const across = Math.ceil(columns / wide);
  for (let i = 0, row = 0; i < into.length; ++row) {
    const first = Math.floor(row / high) * across;
    const above = (row % high) * wide;
    // Counted, since a division takes as long as all the rest.
    for (let column = 0, tile = first, place = 0; column < columns; ++column, ++i) {
      const kind = kinds ? map[tile] : (map[tile] >> (above + place)) & 1;
      const words = parts[kind];
      if (kind && words) {
        into[i] = words[taken[kind]++];
      }
      if (++place === wide) {
        place = 0;
        ++tile;
      }
    }
    taken[0] = first + across;
  }
  return taken;
}

/**
 * Makes float16 of what `channelSteps` gave.
 *
 * @returns As `placeTiles`.
 */
export function placeSteps(
  [steps, integers]: readonly Words[],
  into: Words,
  columns: number,
): number[] {
  into.forEach((_, i) => {
    const integer = integers[i] - 128;
    const size = Math.abs(integer);
    const bits = 31 - Math.clz32(size);
    into[i] =
      size && (integer & 0x8000) + ((steps[i % columns] + bits) << 10) + (size << (10 - bits));
  });
  return [columns, into.length];
}
