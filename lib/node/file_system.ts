import type {io} from '@tensorflow/tfjs-core';

import {inTurn} from './in_turn';
import {loadArtifacts} from './load';
import {localPath} from './local_path';
import {saveArtifacts} from './save';

/**
 * Saves and loads models on Node as `model.json` and `weights.bin`, the files
 * of tfjs-node's `file://`, with any backend. A save that fails or is killed
 * leaves the old model whole, and a load meanwhile sees the old model or the
 * new one. One process at a time may save into a directory.
 *
 * @example
 * await model.save(fileSystem('models/mnist'));
 * const copy = await tf.loadLayersModel(fileSystem('models/mnist'));
 * copy.predict(x); //=> what model.predict(x) gives, to the last bit
 *
 * @param path For saving a directory, made if need be; for loading a directory
 *   or a `model.json`. May start with `file://`.
 * @throws PruningError where the path is empty or no string; `save` and `load`
 *   where a file is missing, malformed, of the wrong size or can't be written.
 */
export function fileSystem(path: string): io.IOHandler {
  const local = localPath(path);
  return {
    save: (artifacts) => inTurn(local, () => saveArtifacts(local, artifacts)),
    load: () => loadArtifacts(local),
  };
}
