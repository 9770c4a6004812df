import type {TensorInfo, TransposeAttrs} from '@tensorflow/tfjs-core';

import type {KernelSession} from '../../kernels/session';
import {partly} from '../partly';

// tfjs-wasm copies where other backends share the data, which nothing writes to. A copy of a
// sparse weight would be dense besides: layers transpose kernels by nothing, graphs have
// identities.

/** `Identity` without a copy. */
export const identity = partly((session, {inputs}) => share(session, inputs.x as TensorInfo));

/** `Transpose` without a copy where it changes nothing. */
export const transpose = partly((session, {inputs, attrs}) => {
  const {perm} = attrs as unknown as TransposeAttrs;
  const isSame = perm.every((axis, i) => axis === i);
  return isSame ? share(session, inputs.x as TensorInfo) : undefined;
});

/** A tensor with the data of `x`. */
export function share(session: KernelSession, x: TensorInfo): TensorInfo {
  session.backend.incRef(x.dataId);
  return {dataId: x.dataId, shape: x.shape, dtype: x.dtype};
}
