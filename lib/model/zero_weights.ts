import {clone, tidy, zerosLike} from '@tensorflow/tfjs-core';
import type {LayerVariable} from '@tensorflow/tfjs-layers';

import {readWeight} from './read_weight';

/** Makes weights zero. Returns a function that puts them back, bit for bit. */
export function zeroWeights(variables: readonly LayerVariable[]): () => void {
  const all = [...new Set(variables)].map((variable) => readWeight(variable));
  const former = all.map((weight) => clone(weight));
  tidy(() => all.forEach((weight) => weight.assign(zerosLike(weight))));
  return () => {
    all.forEach((weight, i) => weight.assign(former[i] as typeof weight));
    former.forEach((weight) => weight.dispose());
  };
}
