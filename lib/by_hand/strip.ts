import type {LayersModel} from '@tensorflow/tfjs-layers';

import {forgetRemovedLayers} from '../layers/remove_layer';
import {checkModel} from '../model/check_model';
import {trainedModel} from '../model/trained_model';
import {finaliseMask} from '../projection/finalise_mask';
import {maskedVariables} from '../projection/mask';
import {detachAll} from '../projection/optimizer_step';
import {endRounding, roundedVariables} from '../projection/rounding/rounding';

/**
 * Ends pruning: turns the masked weights of `model` into plain zeros, and frees the
 * masks, the weights of removed layers, and the data of quantization and clustering. The
 * model is then an ordinary one, which you can save, convert or train. A model without
 * masks does not change.
 *
 * @returns The same model.
 * @throws PruningError for a value that is not a LayersModel, or has disposed weights.
 * @example
 * stripPruning(model);
 * await model.save('downloads://pruned');
 */
export function stripPruning<T extends LayersModel>(model: T): T {
  checkModel(model);
  new Set([model, trainedModel(model)]).forEach(detachAll);
  forgetRemovedLayers(model);
  const errors: unknown[] = [];
  roundedVariables(model).forEach(endRounding);
  for (const variable of maskedVariables(model)) {
    try {
      finaliseMask(variable);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) {
    throw errors[0];
  }
  return model;
}
