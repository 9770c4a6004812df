import {clone, dispose, tidy, zerosLike} from '@tensorflow/tfjs-core';
import type {LayerVariable} from '@tensorflow/tfjs-layers';

import {readWeight} from '../model/read_weight';
import {writeUnprojected} from './registry';

/** Makes weights zero. Returns a function that puts them back, bit for bit. */
export function zeroWeights(variables: readonly LayerVariable[]): () => void {
  const all = [...new Set(variables)];
  const former = all.map((variable) => clone(readWeight(variable)));
  tidy(() => all.forEach((each, i) => writeUnprojected(each, zerosLike(former[i]))));
  return () => {
    all.forEach((each, i) => writeUnprojected(each, former[i]));
    dispose(former);
  };
}
