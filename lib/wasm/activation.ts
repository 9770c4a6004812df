import {Elu, getKernel, LeakyRelu, Prelu, Sigmoid} from '@tensorflow/tfjs-core';
import type {FusedConv2DAttrs, NamedTensorInfoMap, TensorInfo} from '@tensorflow/tfjs-core';

import type {ClampingActivation} from '../kernels/limits';
import type {KernelSession} from '../kernels/session';

/** How an activation is computed: by the sparse kernel's limits, and by a kernel of tfjs after it. */
export interface ActivationPlan {
  readonly clamp: ClampingActivation;
  readonly after?: (linear: TensorInfo) => TensorInfo;
}

/** Activation → the kernel that computes it. */
const KERNELS: Readonly<Record<string, string>> = {
  elu: Elu,
  sigmoid: Sigmoid,
  leakyrelu: LeakyRelu,
  prelu: Prelu,
};

/** What the fused kernels have in common. */
export type ActivationAttrs = Partial<Pick<FusedConv2DAttrs, 'activation' | 'leakyreluAlpha'>>;

/** How to compute a fused activation; `undefined` for one that is not known here. */
export function planActivation(
  session: KernelSession,
  {activation = 'linear', leakyreluAlpha = 0}: ActivationAttrs,
  preluWeights: TensorInfo | undefined,
): ActivationPlan | undefined {
  if (activation === 'linear' || activation === 'relu' || activation === 'relu6') {
    return {clamp: activation};
  }
  const kernel = getKernel(KERNELS[activation] ?? '', 'wasm');
  if (!kernel || (activation === 'prelu' && !preluWeights)) {
    return undefined;
  }
  const {backend} = session;
  return {
    clamp: 'linear',
    after: (x) => {
      const inputs: NamedTensorInfoMap = preluWeights ? {x, alpha: preluWeights} : {x};
      const attrs = {alpha: leakyreluAlpha};
      const y = kernel.kernelFunc({inputs, attrs, backend}) as TensorInfo;
      backend.disposeData(x.dataId);
      return y;
    },
  };
}
