import {type layers, LayersModel, type SymbolicTensor} from '@tensorflow/tfjs-layers';

import {rowsOfEmbedding} from '../model/layer_settings';

type Layer = layers.Layer;

/** A call of a layer, as tfjs keeps it. */
interface Node {
  inputTensors: SymbolicTensor[];
}

/** Layers whose output has the numbers of their input, in whatever shape. */
const KEEPING: ReadonlySet<string> = new Set([
  'Dropout',
  'Flatten',
  'Masking',
  'Permute',
  'RepeatVector',
  'Reshape',
  'SpatialDropout1D',
]);

/**
 * For each input of `model` that embeddings look up, the number of their rows, of the smallest
 * if there are several; `undefined` for the others.
 */
export function embeddingSizes(model: LayersModel): Array<number | undefined> {
  const sizes = new Map<SymbolicTensor, number>();
  const note = (tensor: SymbolicTensor, rows: number | undefined) => {
    const source = origin(tensor);
    if (rows !== undefined) {
      sizes.set(source, Math.min(rows, sizes.get(source) ?? Infinity));
    }
  };
  for (const layer of model.layers) {
    const rows = rowsOf(layer);
    for (const {inputTensors} of rows.length > 0 ? nodesOf(layer) : []) {
      inputTensors.forEach((tensor, i) => note(tensor, rows[i]));
    }
  }
  return model.inputs.map((input) => sizes.get(input));
}

/** For each input of a layer, the rows of the embeddings in it that look it up. */
function rowsOf(layer: Layer): Array<number | undefined> {
  if (layer instanceof LayersModel) {
    return embeddingSizes(layer);
  }
  return layer.getClassName() === 'Embedding' ? [rowsOfEmbedding(layer)] : [];
}

/** Behind layers that only give a new shape. */
function origin(tensor: SymbolicTensor): SymbolicTensor {
  const {sourceLayer, nodeIndex} = tensor as unknown as {sourceLayer: Layer; nodeIndex: number};
  const keeps = KEEPING.has(sourceLayer?.getClassName());
  const inputs = keeps ? nodesOf(sourceLayer)[nodeIndex]?.inputTensors : undefined;
  return inputs?.length === 1 ? origin(inputs[0]) : tensor;
}

function nodesOf(layer: Layer): Node[] {
  return layer.inboundNodes as unknown as Node[];
}
