/** Data for `tfjs-prune auto` and `tfjs-prune sensitivity`: digits to train with, others to judge by. */
import {slice} from '@tensorflow/tfjs-core';

import {test, train as all} from './recipe_data.mjs';

export {test};

const part = (begin, count) => ({
  x: slice(all.x, [begin, 0, 0, 0], [count, -1, -1, -1]),
  y: slice(all.y, [begin, 0], [count, -1]),
  batchSize: all.batchSize,
});

export const train = part(0, 20000);
export const validation = part(50000, 10000);
