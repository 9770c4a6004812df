import {channelAxis} from '../../model/layer_settings';
import type {ChannelRule} from '../graph/channel_graph';
import {onlyZeros} from '../graph/channels';

/** Works on positions, each channel by itself, and keeps a constant what it is. */
const spatial: ChannelRule = ({layer, inputs: [x], shapes: [shape], graph}) =>
  graph.along(x, channelAxis(layer, shape.length)).follow(shape);

/** Adds zeros around: only a zero stays constant. */
const padding: ChannelRule = ({layer, inputs: [x], shapes: [shape], graph}) =>
  graph.along(x, channelAxis(layer, shape.length)).follow(shape, onlyZeros);

/** One position is left: [batch, channels]. */
const global: ChannelRule = ({layer, inputs: [x], shapes: [shape], graph}) =>
  graph.along(x, channelAxis(layer, x.shape.length)).follow(shape, undefined, 1);

export const SPATIAL = {
  MaxPooling1D: spatial,
  MaxPooling2D: spatial,
  MaxPooling3D: spatial,
  AveragePooling1D: spatial,
  AveragePooling2D: spatial,
  AveragePooling3D: spatial,
  GlobalMaxPooling1D: global,
  GlobalMaxPooling2D: global,
  GlobalAveragePooling1D: global,
  GlobalAveragePooling2D: global,
  UpSampling2D: spatial,
  Cropping2D: spatial,
  ZeroPadding2D: padding,
};
