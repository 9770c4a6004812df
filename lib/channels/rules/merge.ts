import {concat, equal, maximum, mul, zerosLike} from '@tensorflow/tfjs-core';

import {toFloat32} from '../../base/float32';
import {axisOf, dotAxes} from '../../model/layer_settings';
import type {ChannelRule, RuleCall} from '../graph/channel_graph';
import {all, Channels, type Constants, isZero, pick} from '../graph/channels';
import {callOn} from './elementwise';

/** Element by element, with broadcasting: ties the channels of all inputs. */
const merge: ChannelRule = (call) =>
  mergeWith(call, (constants) => constants.map(({fixed}) => fixed).reduce(mul));

/** As `merge`; and a zero times anything is zero. */
const multiply: ChannelRule = (call) =>
  mergeWith(call, (constants) => {
    const zero = constants.map(({fixed, value}) => mul(fixed, isZero(value))).reduce(maximum);
    return maximum(zero, constants.map(({fixed}) => fixed).reduce(mul));
  });

function mergeWith(
  call: RuleCall,
  fixedIn: (constants: Constants[]) => Constants['fixed'],
): Channels {
  const {layer, inputs, shapes, graph} = call;
  const shape = shapes[0];
  // tfjs aligns the ranks with axes of size 1 after the batch.
  const axes = inputs.map((x) => (x.axis < 0 ? -1 : x.axis + shape.length - x.shape.length));
  const axis = axes[0];
  if (axis < 0 || axes.some((each) => each !== axis)) {
    return freezeAll(call, 'merges tensors whose channels are along different axes');
  }
  const size = Math.max(...inputs.map(({ids}) => ids.length));
  const full = inputs.filter(({ids}) => ids.length === size);
  full.forEach(({ids}) => graph.ids.tieAll(full[0].ids, ids));
  for (const {ids} of inputs.filter((x) => !full.includes(x))) {
    graph.freeze(ids, `layer '${graph.name}' broadcasts this channel to several others`);
  }
  return new Channels(shape, axis, full[0].ids, (memo) => {
    const constants = inputs.map((x) => {
      const own = x.constants(memo);
      const {fixed, value} = full.includes(x) ? own : pick(own, Array<number>(size).fill(0));
      return {fixed, value: mul(fixed, value)};
    });
    return {fixed: fixedIn(constants), value: callOn(layer, ...constants.map(({value}) => value))};
  });
}

/** Along the channel axis the channels line up; along another they are tied. */
const concatenate: ChannelRule = (call) => {
  const {layer, inputs, shapes, graph} = call;
  const [shape] = shapes;
  const [{axis, ids}] = inputs;
  if (axis < 0 || inputs.some((x) => x.axis !== axis)) {
    return freezeAll(call, 'concatenates tensors whose channels are along different axes');
  }
  if (axisOf(layer, shape.length) === axis) {
    return new Channels(
      shape,
      axis,
      inputs.flatMap((x) => x.ids),
      (memo) => {
        const constants = inputs.map((x) => x.constants(memo));
        return {
          fixed: concat(constants.map(({fixed}) => fixed)),
          value: concat(constants.map(({value}) => value)),
        };
      },
    );
  }
  inputs.forEach((x) => graph.ids.tieAll(ids, x.ids));
  return new Channels(shape, axis, ids, (memo) => {
    const [first, ...others] = inputs.map((x) => x.constants(memo));
    const same = others.map(({value}) => toFloat32(equal(value, first.value)));
    return {
      fixed: all(first.fixed, ...others.map(({fixed}) => fixed), ...same),
      value: first.value,
    };
  });
};

/**
 * Sums up products over one axis: over channels, where both inputs have them there.
 * Channels along another axis pass, those of one input.
 */
const dot: ChannelRule = (call) => {
  const {layer, inputs, shapes, graph} = call;
  const axes = dotAxes(
    layer,
    inputs.map((x) => x.shape.length),
  );
  const [summed, passed] = [0, 1].map((wanted) =>
    inputs.filter((x, i) => x.axis > 0 && Number(x.axis !== axes[i]) === wanted),
  );
  if (passed.length > 0 || summed.length < 2) {
    return passOne(call, axes, passed[passed.length - 1]);
  }
  graph.ids.tieAll(inputs[0].ids, inputs[1].ids);
  inputs.forEach((x) => graph.consumeZeros(x));
  return graph.frozen(shapes[0], `layer '${graph.name}' makes these out of positions`);
};

/**
 * The channels of `kept`, which a `Dot` sums over another axis, are those of its
 * output. The others stay: they meet positions of another tensor, or have no axis
 * left.
 */
function passOne(call: RuleCall, axes: readonly number[], kept: Channels | undefined): Channels {
  const {inputs, shapes, graph} = call;
  const [shape] = shapes;
  const reason = `layer '${graph.name}' multiplies them with positions of another tensor`;
  inputs.filter((x) => x !== kept).forEach(({ids}) => graph.freeze(ids, reason));
  const at = inputs.lastIndexOf(kept as Channels);
  if (kept === undefined) {
    return graph.frozen(shape, reason);
  }
  // The axes that are left of the first tensor come before those of the second.
  const before = at === 0 ? 0 : inputs[0].shape.length - 2;
  const axis = before + kept.axis - (kept.axis > axes[at] ? 1 : 0);
  // A sum of products: it is known where all of them are zero.
  return kept.follow(
    shape,
    ({fixed, value}) => ({fixed: mul(fixed, isZero(value)), value: zerosLike(value)}),
    axis,
  );
}

/** Gives up on all channels that come in or go out. */
function freezeAll({inputs, shapes, graph}: RuleCall, what: string): Channels {
  const reason = `layer '${graph.name}' ${what}`;
  inputs.forEach(({ids}) => graph.freeze(ids, reason));
  return graph.frozen(shapes[0], reason);
}

export const MERGES = {
  Add: merge,
  Average: merge,
  Maximum: merge,
  Minimum: merge,
  Multiply: multiply,
  Concatenate: concatenate,
  Dot: dot,
};
