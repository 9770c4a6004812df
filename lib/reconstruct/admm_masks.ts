import {cast, dispose, reshape, tidy} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {zeroCounts} from '../base/count_zeros';
import {readVectors} from '../base/read_vectors';
import {inputsByOutputs} from '../model/kernel_axes';
import {findWeights} from '../model/layer_walk';
import {maskOf, setMask} from '../projection/mask';
import {pruneBlocks, prunedBlocks, pruneNM, type Structure} from '../weights/pattern';
import {pruneSmallest} from '../weights/threshold';
import {admm, type Select} from './admm';
import type {LayerSite} from './layer_site';
import type {Moments} from './moments';

/**
 * Gives a masked layer another mask, where ADMM finds best, with as much pruned
 * as it has now. One small read.
 */
export async function admmMasks(
  model: LayersModel,
  structure?: Structure,
): Promise<(site: LayerSite, moments: Moments) => void> {
  const masked = findWeights(model, ({weights}) => weights).filter(({variable}) =>
    maskOf(variable),
  );
  const read = await readVectors<'float32'>(() =>
    masked.map(({maker, variable}) => {
      const mask = inputsByOutputs(maker, maskOf(variable)!);
      return structure !== undefined && 'block' in structure
        ? reshape(prunedBlocks(mask, structure), [1])
        : cast(zeroCounts(mask), 'float32');
    }),
  );
  const amounts = new Map(
    masked.map(({variable}, i) => [variable, read[i].reduce((all, part) => all + part, 0)]),
  );
  return (site, moments) => {
    const amount = amounts.get(site.kernel) ?? 0;
    if (amount > 0) {
      chooseAnew(site, moments, selectFor(site, amount, structure));
    }
  };
}

function chooseAnew(site: LayerSite, moments: Moments, select: Select): void {
  const {map} = site;
  const matrix = tidy(() => map.toMatrix(site.read('dense').kernel));
  const found = admm(moments, matrix, select);
  const [kernel, mask] = tidy(() => [map.toKernel(found.weights), map.toKernel(found.mask)]);
  setMask(site.kernel, mask);
  site.write({kernel, bias: null});
  dispose([matrix, found.weights, found.mask, kernel]);
}

/**
 * Chooses single weights or patterns as a criterion does.
 *
 * @param amount The number of weights that go in the end, or the share of blocks.
 */
function selectFor({map, layer}: LayerSite, amount: number, structure?: Structure): Select {
  if (structure === undefined) {
    return (scores, before, share) => pruneSmallest(scores, before, Math.round(amount * share));
  }
  return (scores, before, share) =>
    tidy(() => {
      const [turned, mask] = [scores, before].map((each) =>
        inputsByOutputs(layer, map.toKernel(each)),
      );
      const after =
        'n' in structure
          ? pruneNM(turned, mask, structure)
          : pruneBlocks(turned, mask, structure, amount * share);
      return map.toMatrix(inputsByOutputs(layer, after));
    });
}
