import {readFileSync} from 'node:fs';
import {join} from 'node:path';

import {
  cast,
  gather,
  oneHot,
  type Tensor1D,
  type Tensor2D,
  tensor1d,
  type Tensor4D,
  tensor4d,
  tidy,
} from '@tensorflow/tfjs-core';
import * as data from '@tensorflow/tfjs-data';
import {convertIndexedToRgb, decode} from 'fast-png';

import {published} from './published';

/** Pixels of a side. */
export const SIZE = 64;
const EMOJI = 'emoji-datasource-google@16.0.0';
/** The share of the pictures to test with: one in so many. */
const TESTED = 4;

/** Pictures with numbers in [0, 1], and their classes one-hot. */
export interface Pictures {
  x: Tensor4D;
  y: Tensor2D;
  count: number;
}

interface Emoji {
  image: string;
  category: string;
  unified: string;
  has_img_google: boolean;
}

/**
 * Some 1,900 emoji in nine classes, such as flags, food and animals. Those that begin
 * with the same code point look alike, so that all of them are for training or all
 * for testing.
 */
export function loadPictures(): {train: Pictures; test: Pictures; classes: string[]} {
  const folder = published(EMOJI);
  const list = JSON.parse(readFileSync(join(folder, 'emoji.json'), 'utf8')) as Emoji[];
  const emoji = list.filter((each) => each.has_img_google && each.category !== 'Component');
  const classes = [...new Set(emoji.map(({category}) => category))].sort();
  const isTested = ({unified}: Emoji) => parseInt(unified, 16) % TESTED === 0;
  const pictures = (some: Emoji[]): Pictures =>
    tidy(() => {
      const pixels = some.map(({image}) => pixelsOf(join(folder, 'img', 'google', '64', image)));
      const numbers = some.map(({category}) => classes.indexOf(category));
      const values = new Float32Array(some.length * pixels[0].length);
      pixels.forEach((each, i) => values.set(each, i * each.length));
      return {
        x: tensor4d(values, [some.length, SIZE, SIZE, 3]),
        y: cast(oneHot(tensor1d(numbers, 'int32'), classes.length), 'float32') as Tensor2D,
        count: some.length,
      };
    });
  return {
    train: pictures(emoji.filter((each) => !isTested(each))),
    test: pictures(emoji.filter(isTested)),
    classes,
  };
}

/** The pictures in batches, in an order of `seed` that is another in each epoch. */
export function batches({x, y, count}: Pictures, size: number, seed: number) {
  const numbers = Array.from({length: count}, (_, i) => i);
  return data
    .array(numbers)
    .shuffle(count, String(seed))
    .batch(size)
    .map((picked) => tidy(() => ({xs: gather(x, toInt(picked)), ys: gather(y, toInt(picked))})));
}

const toInt = (numbers: unknown) => cast(numbers as Tensor1D, 'int32');

/** Red, green and blue of a picture on white. */
function pixelsOf(path: string): Float32Array {
  const png = decode(readFileSync(path));
  const {data: values, channels} = png.palette
    ? {data: convertIndexedToRgb(png), channels: png.palette[0].length}
    : png;
  const hasAlpha = channels % 2 === 0;
  const pixels = new Float32Array(3 * SIZE * SIZE);
  for (let i = 0; i < SIZE * SIZE; ++i) {
    const alpha = hasAlpha ? values[(i + 1) * channels - 1] / 255 : 1;
    for (let color = 0; color < 3; ++color) {
      const value = values[i * channels + (channels > 2 ? color : 0)] / 255;
      pixels[3 * i + color] = alpha * value + (1 - alpha);
    }
  }
  return pixels;
}
