import type {layers} from '@tensorflow/tfjs-layers';

/** The axes of a kernel that number the outputs of its layer, where it is not the last one. */
const OUTPUT_AXES: Readonly<Record<string, readonly number[]>> = {
  Conv2DTranspose: [-2],
  Conv3DTranspose: [-2],
  DepthwiseConv2D: [-2, -1],
};

/**
 * The axes over which a weight of `rank` dimensions is summed up for one number
 * an output channel of its layer: all but the last of most kernels, all but the
 * last but one of transposed convolutions. None for a vector, such as the gammas
 * of a normalisation: each is a channel of its own.
 *
 * @example
 * channelGroupAxes(tf.layers.conv2d({filters: 8, kernelSize: 3}), 4); //=> [0, 1, 2]
 */
export function channelGroupAxes(layer: layers.Layer, rank: number): number[] {
  const outputs = OUTPUT_AXES[layer.getClassName()] ?? [-1];
  return [...Array(rank).keys()].filter((axis) => !outputs.includes(axis - rank));
}
