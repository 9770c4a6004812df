import {memory} from '@tensorflow/tfjs-core';

import {fitted} from '../../../lib/cli/images/fit';

/** A picture of gray levels, row by row. */
function gray(rows: number[][]) {
  const pixels = Uint8Array.from(rows.flat().flatMap((level) => [level, level, level, 255]));
  return {width: rows[0].length, height: rows.length, pixels, orientation: 1};
}

async function levels(picture: Parameters<typeof fitted>[0], args: Parameters<typeof fitted>[1]) {
  const image = fitted(picture, args);
  const values = await image.data();
  const shape = image.shape;
  image.dispose();
  return {shape, values: [...values].map((value) => Number(value.toFixed(2)))};
}

const SQUARE = {height: 2, width: 2, channels: 1, crop: false};

describe('fitted', () => {
  it('takes the means of what it shrinks, and leaves no tensors', async () => {
    const before = memory().numTensors;
    const picture = gray([
      [0, 100, 8, 8],
      [100, 200, 8, 8],
      [1, 3, 255, 255],
      [5, 7, 255, 255],
    ]);
    const {shape, values} = await levels(picture, SQUARE);
    expect(shape).toEqual([2, 2, 1]);
    expect(values).toEqual([100, 8, 4, 255]);
    expect(memory().numTensors).toBe(before);
  });

  it('stretches, or cuts the edges off', async () => {
    const wide = gray([
      [0, 0, 60, 60, 0, 0],
      [0, 0, 60, 60, 0, 0],
    ]);
    expect((await levels(wide, {...SQUARE, crop: true})).values).toEqual([60, 60, 60, 60]);
    expect((await levels(wide, SQUARE)).values).toEqual([20, 20, 20, 20]);
  });

  it('makes an image larger', async () => {
    expect((await levels(gray([[7]]), SQUARE)).values).toEqual([7, 7, 7, 7]);
  });

  it('weighs the colors for gray, and keeps them else', async () => {
    const red = {width: 1, height: 1, pixels: Uint8Array.of(200, 100, 50, 0), orientation: 1};
    const one = {height: 1, width: 1, crop: false};
    expect((await levels(red, {...one, channels: 3})).values).toEqual([200, 100, 50]);
    expect((await levels(red, {...one, channels: 1})).values).toEqual([124.2]);
  });

  it('turns the image first', async () => {
    const tall = {...gray([[10, 20]]), orientation: 6};
    const {shape, values} = await levels(tall, {...SQUARE, height: 2, width: 1});
    expect(shape).toEqual([2, 1, 1]);
    expect(values).toEqual([10, 20]);
  });
});
