import {Callback, CustomCallback, type LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../../base/check';
import {SECOND_COPY} from '../../model/second_copy';

/** The model that `callback` is about. Throws where it was not set up, or can't be trained. */
export function compiledModel(callback: unknown): LayersModel {
  // If not, tfjs has taken the callback for a plain object and copied its methods.
  const isFirstPlain = callback instanceof CustomCallback;
  check(
    callback instanceof Callback,
    'callbacks',
    isFirstPlain
      ? 'composeCallbacks(...) around a list with plain objects'
      : 'a fit by the tfjs that this library uses',
    isFirstPlain ? 'a list that starts with one' : SECOND_COPY,
  );
  const model = callback.model as LayersModel | null;
  check(model !== null, 'model', 'setModel(model) before onTrainBegin()', null);
  const received = `'${model.name}' without an optimizer`;
  check(model.optimizer != null, 'model', 'a compiled model', received);
  return model;
}
