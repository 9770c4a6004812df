/** Digits for the workers of bench/workers.ts: IMAGES to train with, VALIDATION others to measure by. */
import {slice} from '@tensorflow/tfjs-core';

import {train as all} from '../examples/mnist/recipe_data.mjs';

const part = (begin, count) => ({
  x: slice(all.x, [begin, 0, 0, 0], [count, -1, -1, -1]),
  y: slice(all.y, [begin, 0], [count, -1]),
  batchSize: all.batchSize,
});

export const train = part(0, Number(process.env.IMAGES ?? 6000));
const count = Number(process.env.VALIDATION ?? 2000);
export const validation = part(60000 - count, count);
