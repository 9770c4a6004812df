import type {Tensor} from '@tensorflow/tfjs-core';
import {broadcastTo, clone, div, maximum, mul, sum, zerosLike} from '@tensorflow/tfjs-core';
import type {LayerVariable} from '@tensorflow/tfjs-layers';

import {check, checkChoice} from '../base/check';
import {PruningError} from '../base/errors';
import {initializerOfWeight, reseeded, type Initializer} from '../model/initializer';
import type {LayerWeight} from '../model/layer_walk';
import {readWeight} from '../model/read_weight';
import {maskOf} from './mask';

/**
 * The start value of pruned weights that come back:
 *
 * - `'zero'`.
 * - `'random'`: the layer's initializer.
 * - `'inherited'`: the mean of their kept neighbors, in the window of a convolution's
 *   kernel and in the row of any other weight.
 * - `'rewound'`: their value in a snapshot.
 */
export type Regrowth = 'zero' | 'random' | 'inherited' | 'rewound';

const REGROWTHS: readonly Regrowth[] = ['zero', 'random', 'inherited', 'rewound'];

/** A copy of the weights at one moment. */
export interface WeightSnapshot {
  /** A copy of each weight of the model. */
  readonly weights: ReadonlyMap<LayerVariable, Tensor>;
  /** Frees the copies. */
  dispose(): void;
}

/** What weights start from, and the option that says so, for errors. */
export interface RegrowthArgs {
  readonly regrowth: Regrowth;
  readonly argument: string;
  readonly snapshot: WeightSnapshot | undefined;
}

/** Throws unless the arguments fit each other. */
export function checkRegrowthArgs({regrowth, argument, snapshot}: RegrowthArgs): void {
  checkChoice(argument, regrowth, REGROWTHS);
  const expected = `a snapshot from snapshotWeights, for ${argument} 'rewound'`;
  check(regrowth !== 'rewound' || snapshot !== undefined, 'snapshot', expected, snapshot);
  const isUsed = regrowth === 'rewound' || snapshot === undefined;
  check(isUsed, argument, "'rewound' with a snapshot", regrowth);
}

/**
 * Where pruned elements of a masked weight start from, of the weight's shape.
 *
 * @param seed In place of the initializer's own, which would draw the same each time.
 * @throws PruningError for `'random'` and a weight without an initializer, and for
 *   `'rewound'` and a weight that is not in the snapshot.
 */
export function regrown(
  weight: LayerWeight,
  {regrowth, argument, snapshot}: RegrowthArgs,
  seed?: number,
): Tensor {
  switch (regrowth) {
    case 'zero':
      return zerosLike(readWeight(weight.variable));
    case 'random': {
      const own = initializerOf(weight, argument);
      const initializer = seed === undefined ? own : reseeded(own, seed);
      const {shape, dtype} = weight.variable;
      return initializer.apply(shape as number[], dtype);
    }
    case 'inherited':
      return neighbors(weight.variable);
    case 'rewound':
      return clone(snapshotOf(weight, snapshot));
  }
}

/** Throws unless `weight` can start from that. */
export function checkRegrowth(
  weight: LayerWeight,
  {regrowth, argument, snapshot}: RegrowthArgs,
): void {
  if (regrowth === 'random') {
    initializerOf(weight, argument);
  } else if (regrowth === 'rewound') {
    snapshotOf(weight, snapshot);
  }
}

function snapshotOf({name, variable}: LayerWeight, snapshot: WeightSnapshot | undefined): Tensor {
  const former = snapshot?.weights.get(variable);
  check(former !== undefined, 'snapshot', `a snapshot with '${name}'`, snapshot ?? null);
  return former;
}

function initializerOf(weight: LayerWeight, argument: string): Initializer {
  const own = initializerOfWeight(weight);
  if (own === null) {
    throw new PruningError(argument, `another than 'random' for '${weight.name}'`, 'random');
  }
  return own;
}

/** For each element the mean of the kept ones around it; 0 where there are none. */
function neighbors(variable: LayerVariable): Tensor {
  const {rank} = readWeight(variable);
  // The window of a convolution is all axes but the channels; a row lies along the last one.
  const axes = rank > 2 ? Array.from({length: rank - 2}, (_, axis) => axis) : [rank - 1];
  const mask = maskOf(variable)!;
  const total = sum(mul(readWeight(variable), mask), axes, true);
  const mean = div(total, maximum(sum(mask, axes, true), 1));
  return broadcastTo(mean, variable.shape as number[]);
}
