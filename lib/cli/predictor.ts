import {cast, dispose, type NamedTensorMap, type Tensor} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {PruningError} from '../base/errors';
import {madeShapes, namedLayers} from '../model/layer_tree';
import {graphModelOf} from './graph_model_of';
import {type InputSpec, graphInputs, layersInputs} from './input_spec';
import {freeModel, layersModelOf, type StoredModel} from './model_file';
import {messageOf} from './output';

/** What both kinds of model can do. */
export interface Predictor {
  path: string;
  inputs: InputSpec[];
  /** Numbers that its largest layer gives for one example; `undefined` for a graph. */
  largestOutput?: number;
  /**
   * The outputs for some examples, one tensor for each input, in float32.
   *
   * @throws PruningError where the model can't predict.
   */
  predict(inputs: readonly Tensor[]): Promise<Tensor[]>;
  /** Makes predictions skip zeros; gives the number of weights whose zeros they skip. */
  skipZeros(): Promise<number>;
  dispose(): void;
}

type Outputs = Tensor | Tensor[] | NamedTensorMap;

/** Prepares a model for predictions. */
export async function predictorOf(stored: StoredModel): Promise<Predictor> {
  const {path} = stored;
  const [model, inputs, predict] =
    stored.kind === 'layers' ? await layersPredictor(stored) : await graphPredictor(stored);
  for (const {name, dtype, shape} of inputs) {
    const isNumeric = ['float32', 'int32', 'bool'].includes(dtype);
    check(isNumeric, path, `inputs of numbers, as '${name}'`, dtype);
    check(shape === undefined || Array.isArray(shape), path, `a shape of '${name}'`, shape);
  }
  return {
    path,
    inputs,
    largestOutput: stored.kind === 'layers' ? largestOutput(model as LayersModel) : undefined,
    predict: async (examples) => {
      const given = examples.map((each, i) => cast(each, inputs[i].dtype as 'float32'));
      try {
        return floats(listOf(await predict(given)));
      } catch (cause) {
        throw new PruningError(path, 'a model that can predict', messageOf(cause), {cause});
      } finally {
        dispose(given);
      }
    },
    skipZeros: async () => {
      const {sparsify} = await import('../wasm/sparsify');
      const {layers} = await sparsify(model as LayersModel);
      return layers.filter(({kernel}) => kernel !== 'dense').length;
    },
    dispose: () => {
      if (stored.kind === 'layers') {
        freeModel(model as LayersModel);
      } else {
        model.dispose();
      }
    },
  };
}

type Predict = (inputs: Tensor[]) => Outputs | Promise<Outputs>;
type Prepared = readonly [{dispose(): unknown}, InputSpec[], Predict];

async function layersPredictor(stored: StoredModel): Promise<Prepared> {
  const model = await layersModelOf(stored);
  return [model, layersInputs(model), (given) => model.predict(given)];
}

async function graphPredictor(stored: StoredModel): Promise<Prepared> {
  const model = await graphModelOf(stored);
  const inputs = graphInputs(model, stored);
  let isDynamic = false;
  const predict = async (given: Tensor[]) => {
    if (!isDynamic) {
      try {
        return model.predict(given);
      } catch (error) {
        // Control flow and outputs of a size that depends on the values.
        isDynamic = messageOf(error).includes('executeAsync');
        if (!isDynamic) {
          throw error;
        }
      }
    }
    return model.predictAsync(given);
  };
  return [model, inputs, predict];
}

function listOf(outputs: Outputs): Tensor[] {
  if (Array.isArray(outputs)) {
    return outputs;
  }
  return 'dataId' in outputs ? [outputs as Tensor] : Object.values(outputs);
}

/** `outputs` in float32; what they were goes. */
function floats(outputs: Tensor[]): Tensor[] {
  const strings = outputs.findIndex(({dtype}) => !['float32', 'int32', 'bool'].includes(dtype));
  if (strings >= 0) {
    const {dtype} = outputs[strings];
    dispose(outputs);
    throw new Error(`outputs of ${dtype}`);
  }
  const all = outputs.map((output) => cast(output, 'float32'));
  // A graph may give a weight as it is.
  dispose(outputs.filter(({kept}) => !kept));
  return all;
}

/** The numbers of the largest output of a layer, for one example. */
function largestOutput(model: LayersModel): number {
  return Math.max(
    0,
    ...namedLayers(model).flatMap(({layer}) => {
      return madeShapes(layer).map((shape) =>
        shape.slice(1).reduce<number>((size, length) => size * (length ?? 1), 1),
      );
    }),
  );
}
