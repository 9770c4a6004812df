import {createReadStream} from 'node:fs';
import {mkdir, rm, stat} from 'node:fs/promises';
import {basename, dirname} from 'node:path';
import {Readable} from 'node:stream';

import {fileError} from './file_error';
import {inTurn} from './in_turn';
import {localPath} from './local_path';
import {moveInto, removeEmpty, stagedPath, sweep, write} from './staging';

const READ_BYTES = 2 ** 20;

/**
 * Replaces the file at `path`, whole or not at all.
 *
 * @throws PruningError where it can't be written; an old one is in place.
 */
export async function writePackedFile(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const target = localPath(path);
  await inTurn(target, async () => {
    const directory = dirname(target);
    const made = await mkdir(directory, {recursive: true}).catch(
      fileError(directory, 'a directory'),
    );
    const staged = stagedPath(target);
    await write(staged, parts, target)
      .then(() => moveInto(staged, target))
      .catch(async (error) => {
        await rm(staged, {force: true}).catch(() => {});
        await removeEmpty(directory, made);
        fileError(target, 'a file that can be written')(error);
      });
    await sweep(directory, (name) => name === basename(target), []);
  });
}

/** The content of the file at `path`, as it's read. @throws PruningError where there is none. */
export async function readPackedFile(path: string): Promise<ReadableStream<Uint8Array>> {
  const source = localPath(path);
  await stat(source).catch(fileError(source, 'a packed model'));
  const stream = createReadStream(source, {highWaterMark: READ_BYTES});
  return Readable.toWeb(stream) as ReadableStream<Uint8Array>;
}
