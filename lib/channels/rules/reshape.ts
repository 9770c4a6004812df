import type {Shape} from '@tensorflow/tfjs-layers';

import {hasChannelsFirst, permutationOf, targetShapeOf} from '../../model/layer_settings';
import type {ChannelGraph, ChannelRule} from '../graph/channel_graph';
import {Channels, mergePositions} from '../graph/channels';

const flatten: ChannelRule = ({layer, inputs: [x], shapes: [shape], graph}) => {
  const rank = x.shape.length;
  const order = Array.from({length: rank}, (_, i) => i);
  if (hasChannelsFirst(layer)) {
    order.push(...order.splice(1, 1));
  }
  return reorder(graph, permuted(x, order), shape);
};

const permute: ChannelRule = ({layer, inputs: [x]}) => permuted(x, permutationOf(layer));

const repeatVector: ChannelRule = ({inputs: [x], shapes: [shape]}) => x.follow(shape, undefined, 2);

const reshape: ChannelRule = ({layer, inputs: [x], shapes: [shape], graph}) => {
  const channels = reorder(graph, x, shape);
  const {axis, ids} = channels;
  const target = targetShapeOf(layer);
  if (axis > 0 && target[axis - 1] != null) {
    const key = `targetShape.${axis}`;
    graph.resize(layer, key, ids, (config, count) => {
      (config.targetShape as number[])[axis - 1] = count;
    });
    const others = graph.resizes.filter((each) => each.layer === layer && each.key !== key);
    if (others.some((each) => each.key.startsWith('targetShape'))) {
      const reason = `layer '${graph.name}' is shared by tensors with channels along different axes`;
      [{ids}, ...others].forEach((each) => graph.freeze(each.ids, reason));
    }
  }
  return channels;
};

function permuted(x: Channels, order: readonly number[]): Channels {
  return x.follow(
    order.map((axis) => x.shape[axis]),
    undefined,
    order.indexOf(x.axis),
  );
}

/**
 * The channels after the same elements, in the same order, got another shape:
 * along an axis where each position belongs to one channel. Where there is none,
 * the channels that share a position of the last axis are tied.
 */
function reorder(graph: ChannelGraph, x: Channels, shape: Shape): Channels {
  const [from, to] = [x.shape.slice(1), shape.slice(1)];
  if (x.axis < 0 || from.includes(null)) {
    const reason = `layer '${graph.name}' reshapes a tensor of unknown size`;
    graph.freeze(x.ids, reason);
    return graph.frozen(shape, reason);
  }
  const size = product(from);
  const sourceOf = coordinate(from, x.axis - 1);
  const channelAt = (position: number) => graph.ids.find(x.ids[sourceOf(position)]);
  const fits = (axis: number) => {
    const seen: number[] = [];
    const along = coordinate(to, axis);
    for (let position = 0; position < size; position++) {
      const [at, channel] = [along(position), channelAt(position)];
      if ((seen[at] ??= channel) !== channel) {
        return false;
      }
    }
    return true;
  };
  const last = to.length - 1;
  let axis = last;
  while (axis > 0 && !fits(axis)) {
    axis--;
  }
  axis = axis > 0 || fits(0) ? axis : last;
  const sources = Array.from({length: to[axis] as number}, () => new Set<number>());
  const along = coordinate(to, axis);
  for (let position = 0; position < size; position++) {
    sources[along(position)].add(sourceOf(position));
  }
  const positions = sources.map((each) => [...each]);
  for (const [first, ...others] of positions) {
    others.forEach((other) => graph.ids.tie(x.ids[first], x.ids[other]));
  }
  const ids = positions.map(([first]) => x.ids[first]);
  return new Channels(shape, axis + 1, ids, (memo) => mergePositions(x.constants(memo), positions));
}

/** From the position in a row-major array of `shape` to its coordinate along `axis`. */
function coordinate(shape: Shape, axis: number): (position: number) => number {
  const inner = product(shape.slice(axis + 1));
  const size = shape[axis] as number;
  return (position) => Math.floor(position / inner) % size;
}

function product(shape: Shape): number {
  return shape.reduce<number>((all, size) => all * (size as number), 1);
}

export const RESHAPES = {
  Flatten: flatten,
  Reshape: reshape,
  Permute: permute,
  RepeatVector: repeatVector,
};
