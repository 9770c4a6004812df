import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {encode} from 'jpeg-js';
import {PNG} from 'pngjs';

import {type ImageOptions, readImages} from '../../../lib/cli/images/read_images';
import {PruningError} from '../../../lib/index';

const folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
afterAll(() => rmSync(folder, {recursive: true}));

const PLAIN = {range: [0, 255], mean: [0], std: [1], isBgr: false} as const;
const input = (...shape: Array<number | null>) => ({
  name: 'x',
  shape: [null, ...shape],
  dtype: 'float32',
});
const COLOR = input(2, 2, 3);

/** An image of one level of gray. */
function write(name: string, level: number): void {
  const data = Buffer.alloc(3 * 3 * 4, level);
  const path = join(folder, name);
  mkdirSync(join(path, '..'), {recursive: true});
  const size = {width: 3, height: 3};
  const bytes = name.endsWith('.png')
    ? PNG.sync.write(Object.assign(new PNG({...size}), {data}))
    : encode({...size, data}, 100).data;
  writeFileSync(path, bytes);
}

beforeAll(() => {
  write('photos/b/2.png', 120);
  write('photos/b/1.JPG', 80);
  write('photos/a/0.png', 40);
  write('photos/b/3.png', 160);
  write('photos/.thumbs/4.png', 0);
  write('broken/a.png', 1);
  writeFileSync(join(folder, 'photos/notes.txt'), 'no image');
  writeFileSync(join(folder, 'broken/b.jpg'), 'no image either');
  mkdirSync(join(folder, 'empty'));
});

async function levels(most: number, options: ImageOptions = {}, spec = COLOR, name = 'photos') {
  const x = await readImages(join(folder, name), spec, most, options, PLAIN);
  const values = await x.data();
  const {shape} = x;
  x.dispose();
  const size = values.length / shape[0];
  return {shape, levels: Array.from({length: shape[0]}, (_, i) => Math.round(values[i * size]))};
}

describe('readImages', () => {
  it('reads what is in the folder and those in it, in order', async () => {
    const {shape, levels: found} = await levels(9);
    expect(shape).toEqual([4, 2, 2, 3]);
    expect(found).toEqual([40, 80, 120, 160]);
  });

  it('takes fewer from all over', async () => {
    expect((await levels(2)).levels).toEqual([40, 120]);
  });

  it('makes the size that the model leaves open', async () => {
    expect((await levels(1, {size: [4, 5]}, input(null, null, 1))).shape).toEqual([1, 4, 5, 1]);
    expect((await levels(1, {size: [2, 5]}, input(2, null, null))).shape).toEqual([1, 2, 5, 3]);
  });

  it.each([
    [
      'the image that is broken',
      'broken',
      COLOR,
      {},
      /broken.b\.jpg: expected a JPEG or PNG image, but got 'other bytes'/,
    ],
    ['an empty folder', 'empty', COLOR, {}, /empty: expected a folder with JPEG or PNG images/],
    ['an input of no images', 'photos', input(4), {}, /expected an input of images/],
    ['an input of four channels', 'photos', input(2, 2, 4), {}, /expected an input of images/],
    ['a size left open', 'photos', input(null, null, 3), {}, /--size: expected height and width/],
    ['another size', 'photos', COLOR, {size: [3, 3]}, /--size: expected the 2,2 that the model/],
    [
      'a size of one number',
      'photos',
      COLOR,
      {size: [3]},
      /--size: expected height and width such/,
    ],
  ])('names %s', async (_, name, spec, options, message) => {
    const failed = levels(9, options, spec, name);
    await expect(failed).rejects.toThrow(PruningError);
    await expect(failed).rejects.toThrow(message);
  });
});
