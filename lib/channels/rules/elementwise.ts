import {
  equal,
  greaterEqual,
  max,
  maximum,
  min,
  mul,
  reshape,
  sub,
  add,
} from '@tensorflow/tfjs-core';
import type {Tensor} from '@tensorflow/tfjs-core';
import type {layers, LayerVariable} from '@tensorflow/tfjs-layers';

import {toFloat32} from '../../base/float32';
import {activationOf, noiseShapeOf} from '../../model/layer_settings';
import {weight} from '../../model/layer_weights';
import {effectiveWeight} from '../../projection/effective_weight';
import type {ChannelRule} from '../graph/channel_graph';
import {mixesChannels} from './activations';

type Layer = layers.Layer;

/** Each element by itself, the same way at all positions. */
const elementwise: ChannelRule = ({layer, inputs: [x], shapes: [shape]}) =>
  x.follow(shape, ({fixed, value}) => ({fixed, value: callOn(layer, value)}));

const activation: ChannelRule = (call) => {
  const {layer, inputs, graph} = call;
  const mixing = mixesChannels(activationOf(layer));
  if (mixing) {
    graph.freeze(inputs[0].ids, `${mixing}, in layer '${graph.name}'`);
    return inputs[0].unknown(call.shapes[0]);
  }
  return elementwise(call);
};

/** Elementwise at inference; a noise shape counts channels too. */
const dropout: ChannelRule = (call) => {
  const {layer, inputs, graph} = call;
  const {axis, ids} = inputs[0];
  const noise = noiseShapeOf(layer);
  if (noise?.[axis] === ids.length) {
    graph.resize(layer, 'noiseShape', ids, (config, count) => {
      (config.noiseShape as number[])[axis] = count;
    });
  }
  return elementwise(call);
};

/**
 * Alpha has the shape of an element of the batch, 1 along shared axes. Where it
 * differs between positions, a constant stays one only if it is not negative.
 */
const prelu: ChannelRule = ({layer, inputs: [x], shapes: [shape], graph}) => {
  const alpha = weight(layer, 'alpha') as LayerVariable;
  const axis = x.axis - 1;
  alpha.shape.forEach((size, i) => {
    if (i === axis && size === x.ids.length) {
      graph.bind(layer, alpha, i, x.ids, 'follower');
    } else if (size !== 1) {
      graph.pin(layer, alpha, i, `layer '${graph.name}' has weights for these positions`);
    }
  });
  return x.follow(shape, ({fixed, value}) => {
    const slopes = effectiveWeight(alpha);
    const others = slopes.shape.map((_, i) => i).filter((i) => i !== axis);
    const [most, least] = [max, min].map((reduce) =>
      reshape(others.length > 0 ? reduce(slopes, others) : slopes, [-1]),
    );
    const positive = toFloat32(greaterEqual(value, 0));
    const same = toFloat32(equal(most, least));
    const slope = add(positive, mul(sub(1, positive), most));
    return {fixed: mul(fixed, maximum(positive, same)), value: mul(value, slope)};
  });
};

/** Mixes channels or not, by its axis: not worth telling apart. */
const softmax: ChannelRule = ({inputs: [x], shapes: [shape], graph}) => {
  graph.freeze(x.ids, `layer '${graph.name}' is a softmax, which depends on all channels`);
  return x.unknown(shape);
};

/** Looks whether all channels have one value. */
const masking: ChannelRule = ({inputs: [x], shapes: [shape], graph}) => {
  graph.freeze(x.ids, `layer '${graph.name}' masks steps by all of their channels`);
  return x.unknown(shape);
};

/** What a layer makes of each element of a vector at inference. */
export function callOn(layer: Layer, ...vectors: Tensor[]): Tensor {
  const rows = vectors.map((vector) => reshape(vector, [1, vector.size]));
  const result = layer.call(rows.length === 1 ? rows[0] : rows, {});
  return reshape(Array.isArray(result) ? result[0] : result, [-1]);
}

export const ELEMENTWISE = {
  InputLayer: elementwise,
  Activation: activation,
  ReLU: elementwise,
  LeakyReLU: elementwise,
  ELU: elementwise,
  ThresholdedReLU: elementwise,
  PReLU: prelu,
  Softmax: softmax,
  Masking: masking,
  Dropout: dropout,
  SpatialDropout1D: elementwise,
  GaussianNoise: elementwise,
  GaussianDropout: elementwise,
  AlphaDropout: elementwise,
  Rescaling: elementwise,
};
