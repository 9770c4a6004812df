import {add, div, maximum, mul, ones, sqrt, sub, zerosLike} from '@tensorflow/tfjs-core';
import type {LayerVariable} from '@tensorflow/tfjs-layers';

import {effectiveWeight} from '../../projection/effective_weight';
import type {ChannelRule} from '../graph/channel_graph';
import {Channels, isZero} from '../graph/channels';
import {field, valuesOf, weight} from './layer_fields';

/**
 * A channel of constant input, or without a gamma, is constant. Along another
 * axis than the last, some backends of tfjs give each position the gamma of
 * another, so that there is nothing to preserve.
 */
const batchNormalization: ChannelRule = ({layer, inputs: [x], shapes: [shape], graph}) => {
  const axis = field<number>(layer, 'axis');
  const [gamma, beta] = [weight(layer, 'gamma'), weight(layer, 'beta')];
  const mean = weight(layer, 'movingMean') as LayerVariable;
  const variance = weight(layer, 'movingVariance') as LayerVariable;
  if (x.axis !== shape.length - 1 || (axis !== -1 && axis !== x.axis)) {
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
    const deviation = sqrt(add(effectiveWeight(variance), field<number>(layer, 'epsilon')));
    const centred = sub(mul(value, fixed), effectiveWeight(mean));
    return {
      fixed: maximum(fixed, isZero(scale)),
      value: add(mul(centred, div(scale, deviation)), valuesOf(beta) ?? zerosLike(value)),
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
