import {
  add,
  expandDims,
  maximum,
  minimum,
  scalar,
  scatterND,
  slice,
  tidy,
  UnsortedSegmentSum,
} from '@tensorflow/tfjs-core';
import type {
  KernelConfig,
  KernelFunc,
  Tensor,
  UnsortedSegmentSumAttrs,
  UnsortedSegmentSumInputs,
} from '@tensorflow/tfjs-core';

/**
 * Sums the rows of `x`, `[n, ...rest]`, that have the same segment id, to
 * `[numSegments, ...rest]`: the gradient of `tf.gather`, and so of an
 * embedding layer. Rows with an id outside [0, numSegments) are left out.
 */
export const unsortedSegmentSumConfig: KernelConfig = {
  kernelName: UnsortedSegmentSum,
  backendName: 'wasm',
  kernelFunc: unsortedSegmentSum as unknown as KernelFunc,
};

function unsortedSegmentSum(args: {
  inputs: UnsortedSegmentSumInputs;
  attrs: UnsortedSegmentSumAttrs;
}): Tensor {
  const {numSegments} = args.attrs;
  const x = args.inputs.x as Tensor;
  const segmentIds = args.inputs.segmentIds as Tensor;
  const rest = x.shape.slice(segmentIds.rank);
  return tidy(() => {
    // `scatterND` does not check its indices. What is outside goes to two
    // further segments, before and behind, that are cut off at the end.
    const clipped = maximum(minimum(segmentIds, int(numSegments)), int(-1));
    const indices = expandDims(add(clipped, int(1)), -1);
    const sums = scatterND(indices, x, [numSegments + 2, ...rest]);
    return slice(sums, [1, ...rest.map(() => 0)], [numSegments, ...rest]);
  });
}

function int(value: number): Tensor {
  return scalar(value, 'int32');
}
