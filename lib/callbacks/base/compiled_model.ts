import {Callback, type LayersModel} from '@tensorflow/tfjs-layers';

import {PruningError} from '../../base/errors';

/** The model that `callback` is about. Throws where it was not set up, or can't be trained. */
export function compiledModel(callback: unknown): LayersModel {
  if (!(callback instanceof Callback)) {
    // tfjs has taken the callback for a plain object and copied its methods.
    throw new PruningError(
      'callbacks',
      'callbacks made ready by composeCallbacks(...) where a plain object is among them',
      'a list that starts with a plain object',
    );
  }
  const model = callback.model as LayersModel | null;
  if (model === null) {
    throw new PruningError('model', 'setModel(model) before onTrainBegin()', null);
  }
  if (model.optimizer == null) {
    throw new PruningError('model', 'a compiled model', `'${model.name}' without an optimizer`);
  }
  return model;
}
