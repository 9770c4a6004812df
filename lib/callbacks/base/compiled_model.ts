import {Callback, type LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../../base/check';

/** The model that `callback` is about. Throws where it was not set up, or can't be trained. */
export function compiledModel(callback: unknown): LayersModel {
  // If not, tfjs has taken the callback for a plain object and copied its methods.
  check(
    callback instanceof Callback,
    'callbacks',
    'callbacks made ready by composeCallbacks(...) where a plain object is among them',
    'a list that starts with a plain object',
  );
  const model = callback.model as LayersModel | null;
  check(model !== null, 'model', 'setModel(model) before onTrainBegin()', null);
  const received = `'${model.name}' without an optimizer`;
  check(model.optimizer != null, 'model', 'a compiled model', received);
  return model;
}
