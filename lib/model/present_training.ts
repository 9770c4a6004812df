import type {LayersModel} from '@tensorflow/tfjs-layers';

/** Whether a `fit` of `model` is under way. */
export function isFitting(model: LayersModel): boolean {
  return Boolean(Reflect.get(model, 'isTraining'));
}

/**
 * A function that tells whether the training that is under way now still is: a
 * `fit` that throws tells no callback. A loop over `trainOnBatch` goes on for
 * ever, since it has neither begin nor end.
 */
export function thisTraining(model: LayersModel): () => boolean {
  // Each `fit` makes a history of its own.
  const history = isFitting(model) ? model.history : null;
  return () => history === null || (isFitting(model) && model.history === history);
}
