import {reshape, zeros} from '@tensorflow/tfjs-core';
import type {layers, LayerVariable, Shape} from '@tensorflow/tfjs-layers';

import {type Activation, activationOf} from '../../model/layer_settings';
import {weight} from '../../model/layer_weights';
import {valuesOf, zeroSlices} from '../../projection/effective_weight';
import type {ChannelGraph, Resize} from '../graph/channel_graph';
import {Channels} from '../graph/channels';
import {mixesChannels} from './activations';

type Layer = layers.Layer;

/** How a layer makes new channels out of a kernel. */
export interface Production {
  kernel: LayerVariable;
  /** The kernel's axis of new channels. */
  axis: number;
  /** The output's shape, and its axis of new channels. */
  shape: Shape;
  outputAxis: number;
  /** The field of the configuration that counts them. */
  size: string;
  edit?: Resize['edit'];
}

/**
 * Opens the channels that `layer` makes. A channel whose kernel slice is zero is
 * constant at what the activation makes of its bias.
 */
export function produce(graph: ChannelGraph, layer: Layer, production: Production): Channels {
  const {kernel, axis, shape, outputAxis, size, edit} = production;
  const bias = weight(layer, 'bias');
  const activation = activationOf(layer);
  const ids = graph.fresh(kernel.shape[axis] as number);
  graph.bind(layer, kernel, axis, ids, 'producer');
  graph.bind(layer, bias, 0, ids, 'offset');
  graph.resize(layer, size, ids, edit);
  const mixing = mixesChannels(activation);
  if (mixing) {
    graph.freeze(ids, `${mixing}, in layer '${graph.name}'`);
  }
  return new Channels(shape, outputAxis, ids, () => ({
    fixed: zeroSlices(kernel, axis),
    value: activate(activation, valuesOf(bias) ?? zeros([ids.length])),
  }));
}

/** What an activation makes of each element of a vector. */
export function activate(
  activation: Activation | null,
  vector: ReturnType<typeof zeros>,
): ReturnType<typeof zeros> {
  // As a batch of one, the shape in which layers call it.
  const row = reshape(vector, [1, vector.size]);
  return reshape(activation ? activation.apply(row) : row, [vector.size]);
}
