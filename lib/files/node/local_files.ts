import type {LocalFiles} from '../local_files';
import {fileSystem} from './file_system';
import {inTurn} from './in_turn';
import {localPath} from './local_path';
import {readPackedFile, writePackedFile} from './packed_file';
import {saveWeights} from './save';

/** The files of this machine, as `compressed` and the command line reach them. */
export const localFiles: LocalFiles = {
  fileSystem,
  save: (path, artifacts, weights, args) => {
    const local = localPath(path);
    return inTurn(local, () => saveWeights(local, artifacts, weights, args));
  },
  write: writePackedFile,
  read: readPackedFile,
};
