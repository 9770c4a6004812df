import type {Tensor} from '@tensorflow/tfjs-core';
import {
  add,
  cast,
  equal,
  expandDims,
  greater,
  less,
  logicalAnd,
  logicalOr,
  mul,
  pad,
  range,
  reshape,
  slice,
  sum,
  tidy,
} from '@tensorflow/tfjs-core';

import {toFloat32} from '../base/float32';
import {swapLastAxes} from '../model/kernel_axes';
import {isHostBackend} from './host_selection';
import {pruneNMOnHost} from './n_of_m_on_host';
import type {NMStructure} from './structure';
import {LOWEST} from './threshold';

/**
 * The mask that keeps the `n` largest scores of each `m` along the inputs, or the
 * outputs; among ties the later ones.
 *
 * @param scores float32 [...window, inputs, outputs].
 * @param mask The present mask, of the same shape; `null` for none.
 */
export function pruneNM(scores: Tensor, mask: Tensor | null, structure: NMStructure): Tensor {
  if (structure.along === 'outputs') {
    return tidy(() => {
      const [turned, before] = [swapLastAxes(scores), mask && swapLastAxes(mask)];
      return swapLastAxes(pruneNM(turned, before, {...structure, along: 'inputs'}));
    });
  }
  return isHostBackend()
    ? pruneNMOnHost(scores, mask, structure)
    : pruneNMOnDevice(scores, mask, structure);
}

/** `pruneNM` composed of tfjs operations, for any backend. */
export function pruneNMOnDevice(scores: Tensor, mask: Tensor | null, {n, m}: NMStructure): Tensor {
  return tidy(() => {
    const ranked = mask ? add(mul(scores, mask), mul(add(mask, -1), -LOWEST)) : scores;
    // The input dimension last, so that groups lie together.
    const turned = swapLastAxes(ranked);
    const inputs = scores.shape[scores.rank - 2];
    const groups = Math.ceil(inputs / m);
    const lines = scores.size / inputs;
    const padded = pad(
      reshape(turned, [lines, inputs]),
      [
        [0, 0],
        [0, groups * m - inputs],
      ],
      LOWEST,
    );
    const grouped = reshape(padded, [lines * groups, m]);
    const mine = expandDims(grouped, 2);
    const other = expandDims(grouped, 1);
    const position = range(0, m);
    const isLater = greater(expandDims(position, 0), expandDims(position, 1));
    const ahead = logicalOr(greater(other, mine), logicalAnd(equal(other, mine), isLater));
    const kept = toFloat32(less(sum(cast(ahead, 'int32'), 2), n));
    const line = slice(reshape(kept, [lines, groups * m]), [0, 0], [lines, inputs]);
    const after = swapLastAxes(reshape(line, turned.shape));
    return mask ? mul(mask, after) : after;
  });
}
