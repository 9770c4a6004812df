import {seedOf, uniform} from '../../base/random';
import type {Measure} from './measure';

/** Chance, as a baseline: the same for the same seed. */
export const random: Measure = (groups, {seed}) =>
  groups.map(({group}, i) => uniform([group.size], seedOf(seed, i)));
