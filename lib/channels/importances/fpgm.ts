import {
  concat,
  eye,
  gather,
  matMul,
  mean,
  mul,
  relu,
  reshape,
  sqrt,
  square,
  sub,
  add,
  sum,
  type Tensor,
  tensor1d,
  tidy,
  transpose,
  zeros,
} from '@tensorflow/tfjs-core';

import {readWeight} from '../../model/read_weight';
import {otherAxes, positionsOf, reducePlaces} from '../by_channel';
import type {ChannelMember} from '../groups/channel_groups';
import type {Measure, ScoredGroup} from './measure';

/**
 * How far a channel's slice of each kernel is from those of the others, as the
 * sum of the distances: a filter near the geometric median of its layer is one
 * that the others can stand for (He et al. 2019, https://arxiv.org/abs/1811.00250).
 * Pruned channels are not among the others.
 */
export const fpgm: Measure = (groups, {reduce}) =>
  groups.map((scored) =>
    tidy(() => {
      const {members, size} = scored.group;
      const makers = members.filter(({role}) => role === 'producer');
      const places = makers.map((member) => ({
        channels: member.channels,
        scores: sumOfDistances(member, scored),
      }));
      return reducePlaces(places, size, reduce);
    }),
  );

function sumOfDistances(member: ChannelMember, {group: {size}, pruned}: ScoredGroup): Tensor {
  const positions = positionsOf(member.channels, size);
  const isOther = positions.map(({length}, channel) => length > 0 && !pruned.has(channel));
  const counts = tensor1d(isOther.map(Number));
  const vectors = slicesOf(member, positions);
  const distances = distancesBetween(mul(vectors, reshape(counts, [size, 1])));
  return mul(reshape(matMul(distances, reshape(counts, [size, 1])), [size]), counts);
}

/** The weight's slices of each channel, one after the other: `[size, …]`, filled up with zeros. */
function slicesOf(member: ChannelMember, positions: readonly number[][]): Tensor {
  const weight = readWeight(member.variable);
  const rows = reshape(transpose(weight, [member.axis, ...otherAxes(weight, member)]), [
    weight.shape[member.axis],
    -1,
  ]);
  const none = rows.shape[0];
  const filled = concat([rows, zeros([1, rows.shape[1] as number])]);
  const most = Math.max(...positions.map(({length}) => length));
  const at = positions.flatMap((each) => Array.from({length: most}, (_, i) => each[i] ?? none));
  return reshape(gather(filled, tensor1d(at, 'int32')), [positions.length, -1]);
}

/** The Euclidean distances between the rows of a matrix. */
function distancesBetween(rows: Tensor): Tensor {
  // Around their mean less is lost to cancellation.
  const centered = sub(rows, mean(rows, 0, true));
  const norms = sum(square(centered), 1, true);
  const products = matMul(centered, centered, false, true);
  const squares = relu(sub(add(norms, transpose(norms)), mul(products, 2)));
  return sqrt(mul(squares, sub(1, eye(rows.shape[0]))));
}
