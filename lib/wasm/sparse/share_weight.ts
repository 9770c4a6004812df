import type {TensorInfo, TransposeAttrs} from '@tensorflow/tfjs-core';

import type {KernelSession} from '../../kernels/session';
import {sparseWeightsOf} from '../../kernels/sparse/registry';
import {partly} from '../partly';

// The wasm backend copies where other backends share the data. A copy of a sparse weight
// would be dense: layers transpose kernels by nothing, graphs have identities.

/** `Identity` of a sparse weight. */
export const sharingIdentity = partly((session, {inputs}) =>
  share(session, inputs.x as TensorInfo),
);

/** `Transpose` of a sparse weight that changes nothing. */
export const sharingTranspose = partly((session, {inputs, attrs}) => {
  const {perm} = attrs as unknown as TransposeAttrs;
  const isSame = perm.every((axis, i) => axis === i);
  return isSame ? share(session, inputs.x as TensorInfo) : undefined;
});

function share(session: KernelSession, x: TensorInfo): TensorInfo | undefined {
  if (!sparseWeightsOf(session).get(x)) {
    return undefined;
  }
  session.backend.incRef(x.dataId);
  return {dataId: x.dataId, shape: x.shape, dtype: x.dtype};
}
