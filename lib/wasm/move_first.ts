import type {DataStorage, TensorInfo} from '@tensorflow/tfjs-core';

import type {HeapBackend} from './heap_backend';

interface MovingBackend extends HeapBackend {
  readonly dataIdMap: DataStorage<unknown>;
}

const mended = new WeakSet<object>();

/**
 * Lets kernels of tfjs-wasm read tensors that are on another backend. tfjs takes the buffer of
 * the heap first, and then moves the tensor into the heap. If the heap grows for it, the buffer
 * is detached and the kernel throws.
 */
export function moveBeforeReading(backend: object): void {
  if (mended.has(backend)) {
    return;
  }
  mended.add(backend);
  const own = backend as MovingBackend;
  const read = own.typedArrayFromHeap.bind(own) as (info: TensorInfo) => never;
  own.typedArrayFromHeap = (info) => {
    // To look a tensor up is to move it here.
    own.dataIdMap.get(info.dataId);
    return read(info);
  };
}
