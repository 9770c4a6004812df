import type {Tensor} from '@tensorflow/tfjs-core';
import {equal, gather, mul, tensor1d, zeros} from '@tensorflow/tfjs-core';
import type {Shape} from '@tensorflow/tfjs-layers';

import {toFloat32} from '../../base/float32';

/**
 * What is known about each channel of a tensor without any data: two float32 vectors of
 * the length of the channel axis.
 */
export interface Constants {
  /** 1 if the channel has the same value for every input and position, otherwise 0. */
  readonly fixed: Tensor;
  /** That value; it has no meaning where `fixed` is 0. */
  readonly value: Tensor;
}

/** The known constants, so that each tensor of a model is computed only once. */
export type Memo = Map<Channels, Constants>;

/**
 * The channels of one tensor of a model: an axis of the tensor, and an id for each
 * position along it. Equal ids mean the same channel, which is kept or removed everywhere
 * at once. Tensors without a channel axis have no ids.
 *
 * @example
 * // A layer that keeps its input's channels and shape, and constants as they are.
 * registerChannelRule('Monitor', ({inputs: [x], shapes: [shape]}) => x.follow(shape));
 */
export class Channels {
  /**
   * @param shape The shape of the tensor, with the batch first; `null` if unknown.
   * @param axis The channel axis, or −1 for a tensor without one.
   * @param ids One id per position along `axis`.
   * @param evaluate Computes the constants on the device, called inside a `tidy`. Without
   *   it, nothing is known about the channels, so none can be removed.
   */
  constructor(
    readonly shape: Shape,
    readonly axis: number,
    readonly ids: readonly number[],
    private readonly evaluate?: (memo: Memo) => Constants,
  ) {}

  /** Whether it is known which channels are constant. */
  get isKnown(): boolean {
    return this.evaluate !== undefined;
  }

  /** The constants of these channels; call it inside a `tidy`. */
  constants(memo: Memo): Constants {
    const known = memo.get(this) ?? this.evaluate?.(memo) ?? varying(this.ids.length);
    memo.set(this, known);
    return known;
  }

  /** Returns the same channels for a tensor without constants. */
  unknown(shape: Shape): Channels {
    return new Channels(shape, this.axis, this.ids);
  }

  /**
   * Returns the same channels for a tensor that is computed from this one, channel by
   * channel.
   *
   * @param shape The new tensor's shape.
   * @param change How a constant changes. Default: not at all.
   * @param axis The new tensor's channel axis. Default: as before.
   */
  follow(
    shape: Shape,
    change: (constants: Constants) => Constants = (constants) => constants,
    axis = this.axis,
  ): Channels {
    return new Channels(shape, axis, this.ids, (memo) => change(this.constants(memo)));
  }
}

/** No constant among `size` channels. */
export function varying(size: number): Constants {
  return {fixed: zeros([size]), value: zeros([size])};
}

/** 1 where `tensor` is zero, else 0. */
export function isZero(tensor: Tensor): Tensor {
  return toFloat32(equal(tensor, 0));
}

/** 1 where all of `flags`, each of 0 and 1, are 1. */
export function all(...flags: Tensor[]): Tensor {
  return flags.reduce((one, other) => mul(one, other));
}

/**
 * Keeps only constants that are zero, as after padding.
 *
 * @example
 * registerChannelRule('Scale', ({inputs: [x], shapes: [shape]}) => x.follow(shape, onlyZeros));
 */
export function onlyZeros({fixed, value}: Constants): Constants {
  return {fixed: mul(fixed, isZero(value)), value};
}

/** Constants at other positions: `positions[i]` is where the new i-th one was. */
export function pick({fixed, value}: Constants, positions: readonly number[]): Constants {
  return {fixed: pickFrom(fixed, positions), value: pickFrom(value, positions)};
}

/**
 * Constants of channels that each came from several positions: constant where
 * all of these are, at one value.
 */
export function mergePositions(
  constants: Constants,
  positions: ReadonlyArray<readonly number[]>,
): Constants {
  const longest = Math.max(...positions.map((each) => each.length));
  const at = (i: number) => positions.map((each) => each[Math.min(i, each.length - 1)]);
  const first = pick(constants, at(0));
  let fixed = first.fixed;
  for (let i = 1; i < longest; i++) {
    const next = pick(constants, at(i));
    fixed = all(fixed, next.fixed, toFloat32(equal(first.value, next.value)));
  }
  return {fixed, value: first.value};
}

function pickFrom(vector: Tensor, positions: readonly number[]): Tensor {
  return positions.length === 0 ? zeros([0]) : gather(vector, tensor1d([...positions], 'int32'));
}
