import {dispose, type Tensor, tidy, transpose} from '@tensorflow/tfjs-core';

import {countZeros} from '../base/count_zeros';
import {pruneBlocks} from '../weights/blocks';
import {pruneNM} from '../weights/n_of_m';
import {type Structure} from '../weights/structure';
import {pruneSmallest} from '../weights/threshold';
import {admm} from './admm';
import {inCuts} from './cuts';
import type {LinearMap} from './linear_map';
import type {MaskChooser, Select} from './mask_chooser';
import type {Moments} from './moments';
import type {Site} from './site';

/** Ways to choose by data which weights go. */
export const MASK_CHOOSERS: Readonly<Record<'gradual' | 'admm', MaskChooser>> = {
  gradual: inCuts,
  admm,
};

/**
 * Gives a pruned site another mask, where `choose` finds best, with as much pruned
 * as there is now, and the weights that it has there. One small read.
 *
 * @param hold Takes up the mask, of the kernel's shape, which is then its own.
 */
export async function chooseMask<B>(
  site: Site<B>,
  moments: Moments,
  choose: MaskChooser,
  structure: Structure | undefined,
  hold: (mask: Tensor) => void,
): Promise<void> {
  const {map} = site;
  const {kernel: dense} = site.read('dense');
  const [zeros, before] = await countZeros([site.read('pruned').kernel, dense]);
  if (before === dense.size) {
    // There is nothing to choose from, and zeros stay.
    return;
  }
  const matrix = tidy(() => map.toMatrix(dense));
  const select = selectFor(map, zeros, structure);
  const found = choose(moments, matrix, select, 1 - zeros / dense.size);
  const [kernel, mask] = tidy(() => [map.toKernel(found.weights), map.toKernel(found.mask)]);
  hold(mask);
  site.write({kernel, bias: null});
  dispose([matrix, found.weights, found.mask, kernel]);
}

/**
 * Chooses single weights or patterns as a criterion does.
 *
 * @param zeros The number of weights that go in the end.
 */
function selectFor(map: LinearMap, zeros: number, structure?: Structure): Select {
  if (structure === undefined) {
    return (scores, before, share) => pruneSmallest(scores, before, Math.round(zeros * share));
  }
  return (scores, before, share) =>
    tidy(() => {
      const [kernel, mask] = [scores, before].map((each) => turned(map, map.toKernel(each)));
      const after =
        'n' in structure
          ? pruneNM(kernel, mask, structure)
          : pruneBlocks(kernel, mask, structure, (zeros * share) / kernel.size);
      return map.toMatrix(turned(map, after));
    });
}

/** A kernel as [...window, inputs, outputs]. Done twice, it is as it was. */
function turned({isTransposed}: LinearMap, kernel: Tensor): Tensor {
  if (!isTransposed) {
    return kernel;
  }
  const window = [...Array(kernel.rank - 2).keys()];
  return transpose(kernel, [...window, kernel.rank - 1, kernel.rank - 2]);
}
