import {OneHot} from '@tensorflow/tfjs-core';
import type {NumericDataType, OneHotAttrs, TensorInfo} from '@tensorflow/tfjs-core';

import type {Replacement} from '../kernels/override_kernel';
import type {HeapBackend} from './heap_backend';
import type {KernelArgs} from './partly';

/** The kernel that `oneHot` puts right: it writes int32, whatever type is asked for. */
export const ONE_HOT = OneHot;

/** `onValue` at each index and `offValue` elsewhere, of any type. */
export const oneHot: Replacement = (own) => (args) => {
  const {inputs, attrs, backend} = args as KernelArgs & {backend: HeapBackend};
  const {depth, onValue, offValue, dtype} = attrs as unknown as OneHotAttrs;
  if (dtype === 'int32') {
    return own(args);
  }
  const indices = inputs.indices as TensorInfo;
  const output = backend.makeOutput([...indices.shape, depth], dtype as NumericDataType);
  const values = backend.typedArrayFromHeap(output).fill(offValue);
  backend.typedArrayFromHeap<'int32'>(indices).forEach((index, i) => {
    if (index >= 0 && index < depth) {
      values[i * depth + index] = onValue;
    }
  });
  return output;
};
