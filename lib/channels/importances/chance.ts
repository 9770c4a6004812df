import {randomUniform} from '@tensorflow/tfjs-core';

import type {Measure} from './measure';

/** Chance, as a baseline: the same for the same seed. */
export const random: Measure = (groups, {seed}) =>
  groups.map(({group}, i) => randomUniform([group.size], 0, 1, 'float32', seed + i));
