import {backend_util} from '@tensorflow/tfjs-core';
import type {FusedConv2DAttrs, FusedConv2DInputs, TensorInfo} from '@tensorflow/tfjs-core';

import type {KernelSession} from '../../kernels/session';
import {convolutionForm, convolve} from '../../kernels/sparse/convolve';
import {sparseWeightsOf} from '../../kernels/sparse/registry';
import {planActivation} from '../activation';
import {partly, type KernelArgs} from '../partly';

/** `Conv2D` and `FusedConv2D` with a sparse filter. */
export const sparseConv2D = partly(compute);

function compute(session: KernelSession, args: KernelArgs): TensorInfo | undefined {
  const {x, filter, bias, preluActivationWeights} = args.inputs as unknown as FusedConv2DInputs;
  const weight = sparseWeightsOf(session).get(filter);
  if (!weight) {
    return undefined;
  }
  const attrs = args.attrs as unknown as FusedConv2DAttrs;
  const {strides, pad, dilations, dataFormat, dimRoundingMode} = attrs;
  if (dataFormat !== 'NHWC' || !backend_util.tupleValuesAreOne(dilations)) {
    return undefined;
  }
  const info = backend_util.computeConv2DInfo(
    x.shape as [number, number, number, number],
    filter.shape as [number, number, number, number],
    strides,
    dilations,
    pad,
    dimRoundingMode,
  );
  const activation = planActivation(session, attrs, preluActivationWeights);
  const isBiasOk = !bias || (bias.shape.length === 1 && bias.shape[0] === info.outChannels);
  const form = convolutionForm(weight, info);
  if (x.dtype !== 'float32' || !isBiasOk || !activation || !form) {
    return undefined;
  }
  const y = session.backend.makeOutput(info.outShape, 'float32');
  convolve(session, weight, info, form, {
    x: session.addressOf(x),
    bias: bias ? session.addressOf(bias) : session.zerosOf(info.outChannels),
    limits: session.limitsOf(activation.clamp),
    y: session.addressOf(y),
  });
  return activation.after?.(y) ?? y;
}
