import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';

import {type Tensor, tensor} from '@tensorflow/tfjs-core';

import {check} from '../../base/check';
import {PruningError} from '../../base/errors';
import {evenlySpread} from '../../base/evenly_spread';
import {fileError} from '../../files/node/file_error';
import type {InputSpec} from '../input_spec';
import {messageOf} from '../output';
import {prepare, type Preprocessing} from '../preprocessing';
import {ProgressBar} from '../progress';
import type {Picture} from './decode';
import {fitted} from './fit';

/** How images are brought to the size that a model takes. */
export interface ImageOptions {
  /** Height and width, where the model leaves them open. */
  size?: number[];
  /** Cuts edges off rather than stretching. */
  crop?: boolean;
}

const IMAGE = /\.(jpe?g|png)$/i;

/**
 * The JPEG and PNG images of a folder and of those in it, as a model takes them. Of more than
 * `most`, some at even distances, since folders often have a class each.
 *
 * @throws PruningError where there are none, one is broken, or the input takes no images.
 */
export async function readImages(
  folder: string,
  input: InputSpec,
  most: number,
  {size, crop = false}: ImageOptions,
  preprocessing: Preprocessing,
): Promise<Tensor> {
  const [height, width, channels] = sizesOf(folder, input, size);
  const files = await imagesIn(folder);
  check(files.length > 0, folder, 'a folder with JPEG or PNG images', 'none');
  const count = Math.min(most, files.length);
  const chosen = evenlySpread(files.length, count);
  const numbers = height * width * channels;
  const values = new Float32Array(count * numbers);
  const bar = new ProgressBar('Reading images', count);
  try {
    for (let i = 0; i < count; ++i) {
      const picture = await readImage(files[chosen[i]]);
      const pixels = fitted(picture, {height, width, channels, crop});
      values.set(await pixels.data(), i * numbers);
      pixels.dispose();
      bar.advance();
    }
  } finally {
    bar.stop();
  }
  prepare(values, channels, preprocessing);
  return tensor(values, [count, height, width, channels]);
}

async function imagesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, {recursive: true}).catch(
    fileError(folder, 'a folder that can be read'),
  );
  const isHidden = (name: string) => /(^|[\\/])\./.test(name);
  return names
    .filter((name) => IMAGE.test(name) && !isHidden(name))
    .sort()
    .map((name) => join(folder, name));
}

async function readImage(path: string): Promise<Picture> {
  const bytes = await readFile(path).catch(fileError(path, 'a file that can be read'));
  // Loaded once there is an image: most commands have none.
  const {decodeImage} = await import('./decode');
  try {
    return decodeImage(bytes);
  } catch (cause) {
    throw new PruningError(path, 'a JPEG or PNG image', messageOf(cause), {cause});
  }
}

/** Height, width and channels. */
function sizesOf(folder: string, {name, shape = []}: InputSpec, size?: number[]): number[] {
  const own = shape.slice(1).map((length) => (length != null && length > 0 ? length : null));
  const [height, width] = own;
  const channels = own[2] ?? 3;
  const areImages = own.length === 3 && (channels === 1 || channels === 3);
  const expected = `an input of images, [height, width, 1 or 3], for '${name}'`;
  check(areImages, folder, expected, `[${shape.slice(1).join()}]`);
  const isSize = size === undefined || (size.length === 2 && size.every(isLength));
  check(isSize, '--size', 'height and width such as 224,224', size?.join());
  const [high, wide] = [height ?? size?.[0], width ?? size?.[1]];
  if (high === undefined || wide === undefined) {
    throw new PruningError('--size', 'height and width, which the model leaves open', undefined);
  }
  const isOther = size !== undefined && (high !== size[0] || wide !== size[1]);
  check(!isOther, '--size', `the ${high},${wide} that the model takes`, size?.join());
  return [high, wide, channels];
}

function isLength(length: number): boolean {
  return Number.isInteger(length) && length > 0;
}
