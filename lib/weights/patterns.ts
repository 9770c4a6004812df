import type {Tensor} from '@tensorflow/tfjs-core';

import {inputsByOutputs} from '../model/kernel_axes';
import {pruneBlocksTogether} from './blocks';
import {pruneNM} from './n_of_m';
import {warnOfCoarseBlocks} from './shortfall';
import type {Structure} from './structure';
import type {Ways} from './ways';

/** Prunes the patterns of `structure`: those of the lowest scores. */
export function patternsOf(structure: Structure): Pick<Ways, 'choose' | 'tell'> {
  return {
    choose: ({weights, scores, masks, minKeep}, {sparsity}) => {
      const turn = (tensor: Tensor, i: number) => inputsByOutputs(weights[i].maker, tensor);
      const turned = scores.map(turn);
      const before = masks.map((mask, i) => mask && turn(mask, i));
      const chosen =
        'n' in structure
          ? turned.map((own, i) => pruneNM(own, before[i], structure))
          : pruneBlocksTogether(turned, before, structure, sparsity, minKeep);
      return chosen.map(turn);
    },
    tell: (groups) => warnOfCoarseBlocks(groups, structure),
  };
}
