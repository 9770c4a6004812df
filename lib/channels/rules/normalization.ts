import {add, div, maximum, mul, ones, sqrt, sub, zerosLike} from '@tensorflow/tfjs-core';
import type {LayerVariable} from '@tensorflow/tfjs-layers';

import {axesOf, epsilonOf} from '../../model/layer_settings';
import {weight} from '../../model/layer_weights';
import {effectiveWeight, valuesOf} from '../../projection/effective_weight';
import type {ChannelRule} from '../graph/channel_graph';
import {Channels, isZero} from '../graph/channels';

/**
 * A channel of constant input, or without a gamma, is constant. Along another
 * axis than the last, some backends of tfjs give each position the gamma of
 * another, so that there is nothing to preserve.
 */
const batchNormalization: ChannelRule = ({layer, inputs: [x], shapes: [shape], graph}) => {
  const axes = axesOf(layer, shape.length);
  const [gamma, beta] = [weight(layer, 'gamma'), weight(layer, 'beta')];
  const mean = weight(layer, 'movingMean') as LayerVariable;
  const variance = weight(layer, 'movingVariance') as LayerVariable;
  if (x.axis !== shape.length - 1 || axes.some((axis) => axis !== x.axis)) {
    const reason = `layer '${graph.name}' normalizes along another axis than the last`;
    graph.freeze(x.ids, reason);
    [gamma, beta, mean, variance].forEach((each) => graph.pin(layer, each, 0, reason));
    return x.unknown(shape);
  }
  graph.bind(layer, gamma, 0, x.ids, 'scale');
  graph.bind(layer, beta, 0, x.ids, 'offset');
  graph.bind(layer, mean, 0, x.ids, 'offset');
  graph.bind(layer, variance, 0, x.ids, 'follower');
  return new Channels(shape, x.axis, x.ids, (memo) => {
    const {fixed, value} = x.constants(memo);
    const scale = valuesOf(gamma) ?? ones([x.ids.length]);
    const deviation = sqrt(add(effectiveWeight(variance), epsilonOf(layer)));
    const centered = sub(mul(value, fixed), effectiveWeight(mean));
    return {
      fixed: maximum(fixed, isZero(scale)),
      value: add(mul(centered, div(scale, deviation)), valuesOf(beta) ?? zerosLike(value)),
    };
  });
};

/** Its mean and variance count channels, zero or not. */
const layerNormalization: ChannelRule = ({inputs: [x], shapes: [shape], graph}) => {
  graph.freeze(x.ids, `layer '${graph.name}' takes mean and variance over channels`);
  return x.unknown(shape);
};

export const NORMALIZATIONS = {
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
};
