import {mkdir, rm} from 'node:fs/promises';
import {dirname} from 'node:path';

import {fileError} from './file_error';
import {moveInto, stagedPath, write} from './staging';

/**
 * Writes a file, which is replaced whole or not at all; its directory is made if need be.
 *
 * @throws PruningError where it can't be written.
 */
export async function replaceText(path: string, text: string): Promise<void> {
  const staged = stagedPath(path);
  try {
    await mkdir(dirname(path), {recursive: true});
    await write(staged, text, path);
    await moveInto(staged, path);
  } catch (error) {
    await rm(staged, {force: true}).catch(() => undefined);
    fileError(path, 'a file that can be written')(error);
  }
}
