import type {Tensor} from '@tensorflow/tfjs-core';
import {cast, tidy, where, zerosLike} from '@tensorflow/tfjs-core';
import type {LayerVariable} from '@tensorflow/tfjs-layers';

import {readWeight} from '../model/read_weight';
import {maskOf} from './mask';
import {release} from './registry';

/**
 * Ends the mask of `variable`: its elements become zeros for good, or what
 * `filling` has in their place. A select and not a product, since −1·0 is −0,
 * whose bits are not zero and do not compress.
 */
export function finaliseMask(variable: LayerVariable, filling?: Tensor): void {
  const mask = maskOf(variable);
  if (mask) {
    tidy(() => {
      const kept = cast(mask, 'bool');
      release(variable, 'mask');
      const weight = readWeight(variable);
      weight.assign(where(kept, weight, filling ?? zerosLike(weight)));
    });
  }
}
