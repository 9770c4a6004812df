import {add, gather, GatherV2, range, reshape, tidy, transpose, util} from '@tensorflow/tfjs-core';
import type {GatherV2Attrs, Tensor} from '@tensorflow/tfjs-core';

import type {Replacement} from '../kernels/override_kernel';

/** The kernel that `gatherBatches` puts right: it takes the indices of other batches. */
export const GATHER = GatherV2;

/** Gathers along an axis by the indices of each batch, as one gather of all batches. */
export const gatherBatches: Replacement = (own) => (args) => {
  const {axis, batchDims} = args.attrs as unknown as GatherV2Attrs;
  if (batchDims === 0) {
    return own(args);
  }
  const [x, indices] = [args.inputs.x, args.inputs.indices] as Tensor[];
  const from = util.parseAxisParam(axis, x.shape)[0];
  const outer = x.shape.slice(batchDims, from);
  const inner = x.shape.slice(from + 1);
  const picked = indices.shape.slice(batchDims);
  const batches = util.sizeFromShape(x.shape.slice(0, batchDims));
  const [outers, inners] = [outer, inner].map(util.sizeFromShape);
  const size = x.shape[from];
  return tidy(() => {
    // The axis of the indices next to that of the batches.
    const ordered = transpose(reshape(x, [batches, outers, size, inners]), [0, 2, 1, 3]);
    const rows = reshape(ordered, [batches * size, outers * inners]);
    const firsts = reshape(range(0, batches * size, size, 'int32'), [batches, 1]);
    const places = add(reshape(indices, [batches, -1]), firsts);
    const found = reshape(gather(rows, places), [batches, -1, outers, inners]);
    const shape = [...x.shape.slice(0, batchDims), ...outer, ...picked, ...inner];
    return reshape(transpose(found, [0, 2, 1, 3]), shape);
  });
};
