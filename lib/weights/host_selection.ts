import type {KernelFunc, NamedTensorMap, TensorInfo} from '@tensorflow/tfjs-core';
import {engine, getBackend, getKernel, registerKernel, type Tensor} from '@tensorflow/tfjs-core';

/**
 * Selection where the backend's memory is the host's own (cpu and wasm): a
 * kernel that reads the scores in place, in O(N) and without a copy.
 */

/** The key of a pruned element, below that of every number. */
const PRUNED = -0x80000000;

/** What the kernel needs of the wasm backend. */
interface HeapBackend {
  makeOutput(shape: number[], dtype: 'float32'): TensorInfo;
  typedArrayFromHeap(info: TensorInfo): Float32Array;
}

/** What the kernel needs of the cpu backend. */
interface ArrayBackend {
  makeTensorInfo(shape: number[], dtype: 'float32', values: Float32Array): TensorInfo;
  data: {get(dataId: object): {values: Float32Array}};
}

/** Whether the active backend keeps its tensors in the host's memory. */
export function isHostBackend(): boolean {
  return getBackend() === 'wasm' || getBackend() === 'cpu';
}

/**
 * `pruneSmallest` of `threshold.ts` on the host.
 *
 * @param scores float32 of any shape.
 * @param mask The present mask, of the same shape.
 */
export function pruneSmallestOnHost(scores: Tensor, mask: Tensor | null, count: number): Tensor {
  return selectOnHost('PruneSmallest', scores, mask, (given, before, output) =>
    selectSmallest(given, before, count, output),
  );
}

/** Writes a mask to `output`, given scores and the present mask, in the tensors' own order. */
type Select = (scores: Float32Array, mask: Float32Array | undefined, output: Float32Array) => void;

/**
 * The mask that `select` makes of `scores`, read in place.
 *
 * @param kernel What tfjs calls it, in profiles too.
 */
export function selectOnHost(
  kernel: string,
  scores: Tensor,
  mask: Tensor | null,
  select: Select,
): Tensor {
  const backend = getBackend();
  if (!getKernel(kernel, backend)) {
    registerKernel({kernelName: kernel, backendName: backend, kernelFunc});
  }
  const inputs: NamedTensorMap = mask ? {scores, mask} : {scores};
  return engine().runKernel<Tensor>(kernel, inputs, {select} as never);
}

const kernelFunc: KernelFunc = ({inputs, attrs, backend}) => {
  const scores = inputs.scores as TensorInfo;
  const mask = inputs.mask;
  const select = attrs!.select as unknown as Select;
  if ('typedArrayFromHeap' in backend) {
    const heap = backend as unknown as HeapBackend;
    // The output first: making it may grow the heap, which detaches earlier views.
    const output = heap.makeOutput(scores.shape, 'float32');
    const view = (info: TensorInfo) => heap.typedArrayFromHeap(info);
    select(view(scores), mask && view(mask), view(output));
    return output;
  }
  const arrays = backend as unknown as ArrayBackend;
  const view = (info: TensorInfo) => arrays.data.get(info.dataId).values;
  const output = new Float32Array(view(scores).length);
  select(view(scores), mask && view(mask), output);
  return arrays.makeTensorInfo(scores.shape, 'float32', output);
};

/**
 * Writes to `output` 0 for elements that `mask` has pruned and for the smallest
 * of the others, `count` zeros in all, earlier positions first among ties; 1
 * for the rest. With a NaN among the scores the mask stays as it is.
 *
 * @param count Rounded down; all are zero where it is more than there are.
 */
export function selectSmallest(
  scores: Float32Array,
  mask: Float32Array | undefined,
  count: number,
  output: Float32Array,
): void {
  // A count beyond the elements would never be reached.
  const whole = Math.min(Math.floor(count), scores.length) || 0;
  const bits = new Int32Array(scores.buffer, scores.byteOffset, scores.length);
  const keys = new Int32Array(scores.length);
  const histogram = new Int32Array(1 << 16);
  for (let i = 0; i < keys.length; ++i) {
    if (scores[i] !== scores[i]) {
      output.set(mask ?? output.fill(1));
      return;
    }
    const key = mask !== undefined && mask[i] === 0 ? PRUNED : sortable(bits[i]);
    keys[i] = key;
    ++histogram[(key >> 16) + 0x8000];
  }
  // The upper, then the lower 16 bits of the key of the last one that goes.
  let ties = whole;
  let bucket = 0;
  for (; histogram[bucket] < ties; ++bucket) {
    ties -= histogram[bucket];
  }
  const upper = bucket - 0x8000;
  histogram.fill(0);
  for (let i = 0; i < keys.length; ++i) {
    if (keys[i] >> 16 === upper) {
      ++histogram[keys[i] & 0xffff];
    }
  }
  for (bucket = 0; histogram[bucket] < ties; ++bucket) {
    ties -= histogram[bucket];
  }
  // A cut among the pruned means that more are pruned than wanted: they stay so.
  const cut = Math.max(upper * 0x10000 + bucket, PRUNED + 1);
  for (let i = 0; i < keys.length; ++i) {
    output[i] = keys[i] < cut ? 0 : 1;
  }
  if (cut === upper * 0x10000 + bucket) {
    for (let i = 0; i < keys.length && ties > 0; ++i) {
      if (keys[i] === cut) {
        output[i] = 0;
        --ties;
      }
    }
  }
}

/** The bits of a float32 as an integer of the same order, −0 equal to 0. */
function sortable(bits: number): number {
  const sign = bits >> 31;
  return (bits ^ (sign & 0x7fffffff)) - sign;
}
