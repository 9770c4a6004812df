import type {io} from '@tensorflow/tfjs-core';

import {check, checkChoice, checkInteger, checkOptions} from '../../base/check';
import type {LayoutArgs} from '../layout';
import {inTurn} from './in_turn';
import {loadArtifacts} from './load';
import {localPath} from './local_path';
import {CONTENT_ENCODINGS} from './precompress';
import {saveArtifacts} from './save';

/**
 * Saves and loads models on Node as `model.json` and `weights.bin`, the files of
 * tfjs-node's `file://`, with any backend. If a save fails or is killed, the old model
 * remains complete. A load during a save gets either the old or the new model. Only one
 * process at a time can save into a directory; a second one gets an error.
 *
 * @example
 * await model.save(fileSystem('models/mnist'));
 * const copy = await tf.loadLayersModel(fileSystem('models/mnist'));
 * copy.predict(x); //=> what model.predict(x) gives, to the last bit
 *
 * @param path For saving, a directory, which is created if needed; for loading, a
 *   directory or a `model.json`. May start with `file://`.
 * @param args The layout of the saved files.
 * @throws PruningError if the path is empty or not a string, or for a wrong option.
 *   `save` and `load` throw it if a file is missing, malformed, of the wrong size,
 *   outside the folder or not writable, or if another process is writing it.
 */
export function fileSystem(path: string, args: LayoutArgs = {}): io.IOHandler {
  const local = localPath(path);
  checkLayout('fileSystem', args);
  return {
    save: (artifacts) => inTurn(local, () => saveArtifacts(local, artifacts, args)),
    load: () => loadArtifacts(local),
  };
}

function checkLayout(owner: string, args: LayoutArgs): void {
  checkOptions(owner, args, ['shardBytes', 'precompress']);
  const {shardBytes, precompress} = args;
  if (shardBytes !== undefined) {
    checkInteger('shardBytes', shardBytes, 1);
  }
  if (precompress !== undefined) {
    const encodings = CONTENT_ENCODINGS.join(', ');
    check(Array.isArray(precompress), 'precompress', `a list of ${encodings}`, precompress);
    precompress.forEach((each) => checkChoice('precompress', each, CONTENT_ENCODINGS));
  }
}
