import type {LayersModel} from '@tensorflow/tfjs-layers';

import {pruneNow, type PruneNowArgs} from '../by_hand/masks_by_hand';
import {stripPruning} from '../by_hand/strip';
import type {LayerFilter} from '../model/layer_selection';
import {prunableWeights} from '../model/prunable';
import {sparsityReport} from '../report/report';
import {layersModelOf, type StoredModel} from './model_file';
import {writtenModel, type WrittenModel} from './model_weights';

/** A model pruned, and the zeros of its weights. */
export interface Pruned {
  model: WrittenModel;
  weights: Array<{name: string; size: number; zeros: number}>;
  /** Frees the weights, once the model is written. */
  dispose(): void;
}

type Args = PruneNowArgs & {layers?: readonly string[]};

/** Prunes a LayersModel. */
export async function pruneLayers(stored: StoredModel, args: Args): Promise<Pruned> {
  const model = await layersModelOf(stored);
  const dispose = () => model.dispose();
  try {
    for (const layers of passes(model, args)) {
      await pruneNow(model, layers ? {...args, layers} : args);
      stripPruning(model);
    }
    const {weights} = await sparsityReport(model);
    return {
      model: writtenModel(model, stored),
      weights: weights.map(({name, size, zeros}) => ({name, size, zeros})),
      dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** The layers to prune, at once or one after the other. */
function passes(model: LayersModel, args: Args): Array<Args['layers'] | LayerFilter> {
  const weights = prunableWeights(model, args.layers);
  if (!isEachAlone(args)) {
    return [args.layers];
  }
  const layers = new Set(weights.map(({layer}) => layer));
  return (
    args.layers?.map((name) => [name]) ?? [...layers].map((layer) => (other) => other === layer)
  );
}

/**
 * Whether weights need not be pruned together, so that only one has masks and scores at
 * a time. Drawn alone, random ones of one shape would be alike.
 */
export function isEachAlone({
  scope = 'layer',
  criterion,
}: Pick<PruneNowArgs, 'scope' | 'criterion'>): boolean {
  return scope === 'layer' && criterion !== 'random';
}
