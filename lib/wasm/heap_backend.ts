import type {DataTypeMap, NumericDataType, TensorInfo} from '@tensorflow/tfjs-core';

/** What kernels that compute in JavaScript use of the wasm backend. */
export interface HeapBackend {
  makeOutput(shape: number[], dtype: NumericDataType): TensorInfo;
  /** The elements in place. Making an output may grow the heap, which detaches earlier views. */
  typedArrayFromHeap<D extends NumericDataType = 'float32'>(info: TensorInfo): DataTypeMap[D];
}
