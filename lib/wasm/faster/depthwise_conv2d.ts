import {backend_util} from '@tensorflow/tfjs-core';
import type {
  FusedDepthwiseConv2DAttrs,
  FusedDepthwiseConv2DInputs,
  TensorInfo,
} from '@tensorflow/tfjs-core';

import type {KernelSession} from '../../kernels/session';
import {planActivation} from '../activation';
import {partly, type KernelArgs} from '../partly';

const FLOAT = 4;

/**
 * `DepthwiseConv2dNative` and `FusedDepthwiseConv2D` of 3 x 3 with strides of 1 or 2 and
 * a multiple of 4 channels: to the bit what tfjs's kernel gives.
 */
export const depthwiseConv2D = partly(compute);

function compute(session: KernelSession, args: KernelArgs): TensorInfo | undefined {
  const inputs = args.inputs as unknown as FusedDepthwiseConv2DInputs;
  const {x, filter, bias, preluActivationWeights} = inputs;
  const attrs = args.attrs as unknown as FusedDepthwiseConv2DAttrs;
  const {strides, pad, dilations, dataFormat, dimRoundingMode} = attrs;
  const [filterHeight, filterWidth, inChannels, multiplier] = filter.shape;
  const isFast =
    filterHeight === 3 &&
    filterWidth === 3 &&
    multiplier === 1 &&
    inChannels % 4 === 0 &&
    x.dtype === 'float32' &&
    (dataFormat ?? 'NHWC') === 'NHWC' &&
    backend_util.tupleValuesAreOne(dilations ?? 1) &&
    (!bias || (bias.shape.length === 1 && bias.shape[0] === inChannels));
  if (!isFast) {
    return undefined;
  }
  const info = backend_util.computeConv2DInfo(
    x.shape as [number, number, number, number],
    filter.shape as [number, number, number, number],
    strides,
    1,
    pad,
    dimRoundingMode,
    true,
  );
  const {strideHeight, strideWidth, padInfo} = info;
  const depthwise = {1: session.kernels.depthwise1, 2: session.kernels.depthwise2}[strideHeight];
  const activation = planActivation(session, attrs, preluActivationWeights);
  if (!depthwise || strideWidth !== strideHeight || !activation) {
    return undefined;
  }
  const {batchSize, inHeight, inWidth, outHeight, outWidth, outShape} = info;
  const y = session.backend.makeOutput(outShape, 'float32');
  const zeros = session.zerosOf(Math.max(inWidth, 1) * inChannels);
  const [from, to] = [session.addressOf(x), session.addressOf(y)];
  for (let image = 0; image < batchSize; ++image) {
    // prettier-ignore
    depthwise(
      from + image * inHeight * inWidth * inChannels * FLOAT, inHeight, inWidth, inChannels,
      session.addressOf(filter), bias ? session.addressOf(bias) : zeros,
      session.limitsOf(activation.clamp), zeros, padInfo.top, padInfo.left,
      outHeight, outWidth, to + image * outHeight * outWidth * inChannels * FLOAT,
    );
  }
  return activation.after?.(y) ?? y;
}
