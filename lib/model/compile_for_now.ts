import type {LayersModel, ModelCompileArgs} from '@tensorflow/tfjs-layers';

import {trainedModel} from './trained_model';

/**
 * Compiles `model` with `args`; what they lack is as it was.
 *
 * @returns A function that compiles it as before, with the optimizer it had,
 *   which it then owns as before, and gives it back its history.
 */
export function compileForNow(model: LayersModel, args: Partial<ModelCompileArgs>): () => void {
  const {optimizer, loss, metrics} = model;
  const models = [...new Set([model, trainedModel(model)])];
  const owned = models.map((each) => Reflect.get(each, OWNED) as boolean);
  const {history} = trainedModel(model);
  const given = Object.entries(args).filter(([, value]) => value !== undefined);
  const compile = (changes: object) => model.compile({loss, metrics, ...changes} as never);
  compile({optimizer, ...Object.fromEntries(given)});
  return () => {
    compile({optimizer});
    models.forEach((each, i) => Reflect.set(each, OWNED, owned[i]));
    trainedModel(model).history = history;
  };
}

/** So that disposing of the model still disposes of its optimizer. */
const OWNED = 'isOptimizerOwned';
