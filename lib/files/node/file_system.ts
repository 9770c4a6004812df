import type {io} from '@tensorflow/tfjs-core';

import {check, checkChoice, checkInteger, checkOptions} from '../../base/check';
import type {LayoutArgs} from '../layout';
import {inTurn} from './in_turn';
import {loadArtifacts} from './load';
import {localPath} from './local_path';
import {CONTENT_ENCODINGS} from './precompress';
import {saveArtifacts} from './save';

/**
 * Saves and loads models on Node as `model.json` and `weights.bin`, the files
 * of tfjs-node's `file://`, with any backend. A save that fails or is killed
 * leaves the old model whole, and a load meanwhile sees the old model or the
 * new one. One process at a time can save into a directory, a second is refused.
 *
 * @example
 * await model.save(fileSystem('models/mnist'));
 * const copy = await tf.loadLayersModel(fileSystem('models/mnist'));
 * copy.predict(x); //=> what model.predict(x) gives, to the last bit
 *
 * @param path For saving a directory, made if need be; for loading a directory
 *   or a `model.json`. May start with `file://`.
 * @param args How to lay out what is saved.
 * @throws PruningError where the path is empty or no string, or an option wrong; `save` and `load`
 *   where a file is missing, malformed, of the wrong size, outside the folder, can't be written, or
 *   another process is writing it.
 */
export function fileSystem(path: string, args: LayoutArgs = {}): io.IOHandler {
  const local = localPath(path);
  checkLayout('args', args);
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
