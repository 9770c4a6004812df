import {type Tiling} from '../../../lib/files/packed/tiles';
import {zeroPattern} from '../../../lib/files/packed/zero_pattern';
import {random} from '../../setup/models';

/** Words of which those in the tiles of a random fifth are 1, or, one in a hundred, 0. */
function tiled(rows: number, columns: number, [high, wide]: readonly [number, number]) {
  const next = random(1);
  const across = Math.ceil(columns / wide);
  const kept = Array.from({length: Math.ceil(rows / high) * across}, () => next() < 0.2);
  return Uint8Array.from({length: rows * columns}, (_, i) => {
    const tile = Math.floor(i / columns / high) * across + Math.floor((i % columns) / wide);
    return kept[tile] && next() > 0.01 ? 1 : 0;
  });
}

function tilingOf(words: Uint8Array, width: number, windows = 1): Tiling | undefined {
  return zeroPattern(words, 0, width, words.length / width / windows)?.tiling;
}

test.each([
  [1, 512],
  [512, 1],
  [32, 1],
  [1, 32],
  [64, 64],
  [4, 4],
  [3, 5],
])('finds blocks of %d x %d, whose rows may lie far apart', (high, wide) => {
  const words = tiled(512, 512, [high, wide]);
  expect(tilingOf(words, 512)).toEqual({columns: 512, high, wide, kinds: 1});
});

test('finds empty rows wherever they are', () => {
  const words = new Uint8Array(10_000 * 32).fill(1, 7000 * 32, 9001 * 32);
  expect(tilingOf(words, 32)).toEqual({columns: 32, high: 1, wide: 32, kinds: 1});
});

test('finds the inputs of a convolution', () => {
  const next = random(2);
  const kept = Array.from({length: 40}, () => next() < 0.4);
  const words = Uint8Array.from({length: 9 * 40 * 8}, (_, i) =>
    kept[Math.floor(i / 8) % 40] ? 1 : 0,
  );
  expect(tilingOf(words, 8, 9)).toEqual({columns: 320, high: 9, wide: 8, kinds: 1});
});

test('finds 2 of each 4 along either side', () => {
  const next = random(3);
  const pairs = Array.from({length: 64 * 16}, () => {
    const first = Math.floor(next() * 4);
    return [first, (first + 1 + Math.floor(next() * 3)) % 4];
  });
  const isKept = (along: number, line: number) =>
    pairs[Math.floor(along / 4) * 64 + line].includes(along % 4);
  const words = (turned: boolean) =>
    Uint8Array.from({length: 64 * 64}, (_, i) => {
      const [row, column] = [Math.floor(i / 64), i % 64];
      return (turned ? isKept(column, row) : isKept(row, column)) ? 1 : 0;
    });
  expect(tilingOf(words(false), 64)).toEqual({columns: 64, high: 4, wide: 1, kinds: 0});
  expect(tilingOf(words(true), 64)).toEqual({columns: 64, high: 1, wide: 4, kinds: 0});
});

test('finds nothing in single zeros, none, or nothing but zeros', () => {
  const next = random(4);
  const single = Uint8Array.from({length: 128 * 128}, () => (next() < 0.5 ? 1 : 0));
  for (const words of [single, single.map(() => 1), single.map(() => 0), single.subarray(0, 0)]) {
    expect(tilingOf(words, 128)).toBeUndefined();
  }
});
