import {readFile} from 'node:fs/promises';

import type {JournalStore} from '../journal_store';
import {fileError} from './file_error';
import {inTurn} from './in_turn';
import {localPath} from './local_path';
import {replaceText} from './replace_text';

/**
 * Keeps the journal of `autoPrune` in a file, which is replaced whole or not at
 * all: a kill at any moment leaves what was noted before.
 *
 * @param path Of the file; its directory is made if need be.
 * @throws PruningError where the path is empty or no string; `read` and `write`
 *   where the file can't be read or written.
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
