import {readFile} from 'node:fs/promises';

import type {JournalStore} from '../journal_store';
import {fileError} from './file_error';
import {inTurn} from './in_turn';
import {localPath} from './local_path';
import {replaceText} from './replace_text';

/**
 * Keeps the journal of `autoPrune` in a file. The file is always replaced as a whole, so
 * if the process is killed, the file has all earlier entries.
 *
 * @param path Path of the file; its directory is created if needed.
 * @throws PruningError if the path is empty or not a string; `read` and `write` throw it
 *   if the file cannot be read or written.
 * @example
 * await autoPrune(model, {
 *   train: {x, y, epochs: 3},
 *   validation: {x: valX, y: valY},
 *   maxDrop: 0.01,
 *   journal: fileJournal('out/prune.json'),
 * });
 */
export function fileJournal(path: string): JournalStore {
  const local = localPath(path);
  return {
    read: () =>
      readFile(local, 'utf8').catch((error: NodeJS.ErrnoException) =>
        error.code === 'ENOENT' ? null : fileError(local, 'a file that can be read')(error),
      ),
    write: (text) => inTurn(local, () => replaceText(local, text)),
  };
}
