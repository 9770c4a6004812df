import type {LayersModel} from '@tensorflow/tfjs-layers';

import type {GraphModelLike} from '../model/graph_model';
import {embeddingSizes} from './embedding_sizes';
import {lookupSizes} from './graph_lookups';
import type {StoredModel} from './model_file';

/** A model's input as both kinds of model describe it. */
export interface InputSpec {
  name: string;
  /** `[batch, ...]`, with `null` or -1 for what is open. */
  shape?: ReadonlyArray<number | null>;
  dtype: string;
  /** For whole numbers: the first that is too large, such as the rows of an embedding. */
  below?: number;
}

/** The inputs of a LayersModel. */
export function layersInputs(model: LayersModel): InputSpec[] {
  const sizes = embeddingSizes(model);
  return model.inputs.map(({name, shape, dtype}, i) => ({name, shape, dtype, below: sizes[i]}));
}

/** The inputs of a GraphModel. */
export function graphInputs(model: GraphModelLike, {path, artifacts}: StoredModel): InputSpec[] {
  const sizes = lookupSizes(path, artifacts);
  return model.inputs.map(({name, shape, dtype = 'float32'}) => ({
    ...{name, shape, dtype},
    below: sizes.get(name),
  }));
}
