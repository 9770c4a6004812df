import {zerosLike} from '@tensorflow/tfjs-core';
import type {LayerVariable} from '@tensorflow/tfjs-layers';

import {weight} from '../../model/layer_weights';
import {zeroSlices} from '../../projection/effective_weight';
import type {ChannelRule} from '../graph/channel_graph';
import {Channels} from '../graph/channels';
import {produce} from './produce';

const dense: ChannelRule = ({layer, inputs: [x], shapes: [shape], graph}) => {
  const kernel = weight(layer, 'kernel') as LayerVariable;
  const last = shape.length - 1;
  const bias = weight(layer, 'bias');
  graph.consume(layer, graph.along(x, last), {variable: kernel, axis: 0, bias});
  return produce(graph, layer, {kernel, axis: 1, shape, outputAxis: last, size: 'units'});
};

/** Its input are numbers of rows, not channels. */
const embedding: ChannelRule = ({layer, inputs: [x], shapes: [shape], graph}) => {
  graph.freeze(x.ids, `layer '${graph.name}' takes these as indices of rows`);
  const table = weight(layer, 'embeddings') as LayerVariable;
  const ids = graph.fresh(table.shape[1] as number);
  graph.bind(layer, table, 1, ids, 'producer');
  graph.resize(layer, 'outputDim', ids);
  return new Channels(shape, shape.length - 1, ids, () => {
    const fixed = zeroSlices(table, 1);
    return {fixed, value: zerosLike(fixed)};
  });
};

export const DENSE = {Dense: dense, Embedding: embedding};
