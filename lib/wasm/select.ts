import {Select, upcastType, util} from '@tensorflow/tfjs-core';
import type {DataTypeMap, NumericDataType, TensorInfo} from '@tensorflow/tfjs-core';

import type {Replacement} from '../kernels/override_kernel';
import type {HeapBackend} from './heap_backend';
import type {KernelArgs} from './partly';

/** The kernel that `select` puts right: it copies four bytes an element, of the type of `t`. */
export const SELECT = Select;

/** `t` where the condition holds and `e` elsewhere, of the type that holds both. */
export const select: Replacement = (own) => (args) => {
  const {inputs, backend} = args as KernelArgs & {backend: HeapBackend};
  const [condition, t, e] = ['condition', 't', 'e'].map((name) => inputs[name] as TensorInfo);
  if (t.dtype === e.dtype && t.dtype !== 'bool') {
    return own(args);
  }
  const dtype = upcastType(t.dtype, e.dtype) as NumericDataType;
  const output = backend.makeOutput(t.shape, dtype);
  const [chosen, yes, no, values] = [condition, t, e, output].map((info) =>
    backend.typedArrayFromHeap<keyof DataTypeMap & NumericDataType>(info),
  );
  // A condition of one axis chooses among rows.
  const size = util.sizeFromShape(t.shape) / util.sizeFromShape(condition.shape);
  values.forEach((_, i) => {
    values[i] = chosen[Math.floor(i / size)] ? yes[i] : no[i];
  });
  return output;
};
