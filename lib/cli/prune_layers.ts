import type {io} from '@tensorflow/tfjs-core';

import {pruneNow, type PruneNowArgs} from '../masks_by_hand';
import {sparsityReport} from '../report';
import {stripPruning} from '../strip';
import {layersModelOf, type StoredModel} from './model_file';
import {artifactsOf} from './model_weights';

/** A model pruned, and the zeros of its weights. */
export interface Pruned {
  artifacts: io.ModelArtifacts;
  weights: Array<{name: string; size: number; zeros: number}>;
}

/** Prunes a LayersModel. */
export async function pruneLayers(stored: StoredModel, args: PruneNowArgs): Promise<Pruned> {
  const model = await layersModelOf(stored);
  try {
    await pruneNow(model, args);
    stripPruning(model);
    const {weights} = await sparsityReport(model);
    const artifacts = await artifactsOf(model, stored);
    return {artifacts, weights: weights.map(({name, size, zeros}) => ({name, size, zeros}))};
  } finally {
    model.dispose();
  }
}
