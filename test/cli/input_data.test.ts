import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';

import fc from 'fast-check';
import {dump} from 'npyjs';

import {randomInput, readInput} from '../../lib/cli/input_data';
import type {Preprocessing} from '../../lib/cli/preprocessing';

const folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
afterAll(() => rmSync(folder, {recursive: true}));

function file(name: string, content: Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const input = {name: 'x', shape: [null, 2, 1], dtype: 'float32'};
const PLAIN: Preprocessing = {range: [0, 1], mean: [0], std: [1], isBgr: false};
const IDX = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 2, 0, 51, 102, 255);

describe('readInput', () => {
  it('reads IDX files of bytes, plain and gzipped, into the shape of the input', async () => {
    for (const content of [IDX, gzipSync(IDX)]) {
      const x = await readInput(file('images', content), input, 9, PLAIN);
      expect(x.shape).toEqual([2, 2, 1]);
      const values = await x.data();
      [0, 0.2, 0.4, 1].forEach((value, i) => expect(values[i]).toBeCloseTo(value, 6));
      x.dispose();
    }
  });

  it('reads .npy files', async () => {
    const floats = file('x.npy', new Uint8Array(dump(Float32Array.of(1, -2, 3, 4), [2, 2, 1])));
    const x = await readInput(floats, input, 9, PLAIN);
    expect([...(await x.data())]).toEqual([1, -2, 3, 4]);
    x.dispose();
  });

  it('takes some of all examples, not the first', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({min: 1, max: 60}),
        fc.integer({min: 1, max: 60}),
        fc.constantFrom(2, 300, 30_000),
        fc.boolean(),
        async (count, most, size, isGzip) => {
          const rows = Float32Array.from({length: count * size}, (_, i) => Math.floor(i / size));
          const plain = new Uint8Array(dump(rows, [count, size]));
          const path = file('rows.npy', isGzip ? gzipSync(plain) : plain);
          const x = await readInput(
            path,
            {name: 'x', shape: [null, size], dtype: 'float32'},
            most,
            PLAIN,
          );
          const values = await x.data();
          x.dispose();
          const kept = Math.min(count, most);
          const chosen = Array.from({length: kept}, (_, i) => Math.floor((i * count) / kept));
          expect(x.shape).toEqual([kept, size]);
          chosen.forEach((row, i) => {
            const own = new Set(values.subarray(i * size, (i + 1) * size));
            expect([...own]).toEqual([row]);
          });
        },
      ),
      {numRuns: 40},
    ));

  it('refuses what does not fit, naming the file', async () => {
    const path = file('images', IDX);
    const other = {name: 'x', shape: [null, 3], dtype: 'float32'};
    await expect(readInput(path, other, 9, PLAIN)).rejects.toThrow(
      `${path}: expected examples of shape [3] for 'x', but got '[2]'.`,
    );
    const cut = file('cut', IDX.slice(0, -1));
    await expect(readInput(cut, input, 9, PLAIN)).rejects.toThrow(
      'expected 4 bytes of values, but got 3',
    );
    await expect(
      readInput(file('text', Buffer.from('no numbers')), input, 9, PLAIN),
    ).rejects.toThrow('a .npy or an IDX file');
    await expect(readInput(join(folder, 'none'), input, 9, PLAIN)).rejects.toThrow('ENOENT');
  });
});

describe('randomInput', () => {
  it('has the shape of the input, sizes left open as 1, and its seed', async () => {
    const spec = {name: 'x', shape: [null, null, 3], dtype: 'float32'};
    const [a, b] = [randomInput(spec, 4, 7), randomInput(spec, 4, 7)];
    expect(a.shape).toEqual([4, 1, 3]);
    expect(await a.data()).toEqual(await b.data());
    a.dispose();
    b.dispose();
  });
});
