import {concat, zerosLike} from '@tensorflow/tfjs-core';

import {directionsOf, wrappedLayer} from '../../model/layer_parts';
import {mergeModeOf} from '../../model/layer_settings';
import {outputShapes} from '../../model/layer_tree';
import type {ChannelRule} from '../graph/channel_graph';
import {all, Channels} from '../graph/channels';

/** The layer inside sees one step: all axes but the second. */
const timeDistributed: ChannelRule = ({layer, inputs: [input], graph}) => {
  const inner = wrappedLayer(layer);
  const x = input.axis === 1 ? graph.along(input, input.shape.length - 1) : input;
  const [batch, steps, ...rest] = x.shape;
  const shape = [batch, ...rest];
  const step = x.follow(shape, undefined, x.axis < 0 ? -1 : x.axis - 1);
  return graph
    .run(inner, [step], outputShapes(inner, shape))
    .map((y) =>
      y.follow([y.shape[0], steps, ...y.shape.slice(1)], undefined, y.axis < 0 ? -1 : y.axis + 1),
    );
};

/**
 * Two layers of one configuration, so that a unit of one stays or goes with that
 * of the other.
 */
const bidirectional: ChannelRule = ({layer, inputs: [x, ...states], shapes, graph}) => {
  const half = states.length / 2;
  const [forward, backward] = directionsOf(layer).map((inner, i) => {
    const own = states.slice(i * half, (i + 1) * half);
    return graph.run(inner, [x, ...own], outputShapes(inner, x.shape));
  });
  graph.ids.tieAll(forward[0].ids, backward[0].ids);
  const stateOutputs = [...forward.slice(1), ...backward.slice(1)];
  const [one, other] = [forward[0], backward[0]];
  const mode = mergeModeOf(layer);
  if (mode === null) {
    return [one, other, ...stateOutputs];
  }
  const merged = mode === 'concat' ? sideBySide(one, other) : together(one, other);
  if (merged.axis === shapes[0].length - 1) {
    return [merged, ...stateOutputs];
  }
  const reason = `layer '${graph.name}' merges along another axis than that of its channels`;
  graph.freeze(one.ids, reason);
  return [graph.frozen(shapes[0], reason), ...stateOutputs];
};

function sideBySide(one: Channels, other: Channels): Channels {
  const shape = [...one.shape.slice(0, -1), one.ids.length * 2];
  return new Channels(shape, one.axis, [...one.ids, ...other.ids], (memo) => {
    const [left, right] = [one.constants(memo), other.constants(memo)];
    return {
      fixed: concat([left.fixed, right.fixed]),
      value: concat([left.value, right.value]),
    };
  });
}

/** Sum, mean or product: the units that are constant are zero, and so is each of these. */
function together(one: Channels, other: Channels): Channels {
  return new Channels(one.shape, one.axis, one.ids, (memo) => {
    const fixed = all(one.constants(memo).fixed, other.constants(memo).fixed);
    return {fixed, value: zerosLike(fixed)};
  });
}

export const WRAPPERS = {TimeDistributed: timeDistributed, Bidirectional: bidirectional};
