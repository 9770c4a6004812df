import type {LayersModel} from '@tensorflow/tfjs-layers';

import {idFlow} from '../model/id_flow';
import {rowsOfEmbedding} from '../model/layer_settings';

/**
 * For each input of `model` that embeddings look up, the number of their rows, of the smallest
 * if there are several; `undefined` for the others.
 */
export function embeddingSizes(model: LayersModel): Array<number | undefined> {
  const {lookups} = idFlow(model);
  return model.inputs.map((_, i) => {
    const rows = lookups.flatMap(({layer, inputs}) =>
      inputs.has(i) ? [rowsOfEmbedding(layer)] : [],
    );
    return rows.length > 0 ? Math.min(...rows) : undefined;
  });
}
