import {createReadStream} from 'node:fs';
import {mkdir, rm, stat} from 'node:fs/promises';
import {basename, dirname} from 'node:path';
import {Readable} from 'node:stream';

import {check} from '../../base/check';
import type {FileContent} from '../local_files';
import {fileError} from './file_error';
import {inTurn} from './in_turn';
import {localPath} from './local_path';
import {withLock} from './lock';
import {moveInto, removeEmpty, stagedPath, sweep, write} from './staging';

/** As errors name it. */
const PACKED = 'a packed model';
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
    const failed = async (error: unknown) => {
      await removeEmpty(directory, made);
      fileError(target, 'a file that can be written')(error);
    };
    await withLock(target, () => replaceFile(directory, target, parts)).catch(failed);
  });
}

async function replaceFile(
  directory: string,
  target: string,
  parts: readonly Uint8Array[],
): Promise<void> {
  const staged = stagedPath(target);
  try {
    await write(staged, parts, target);
    await moveInto(staged, target);
  } catch (error) {
    await rm(staged, {force: true}).catch(() => {});
    throw error;
  }
  await sweep(directory, (name) => name === basename(target), []);
}

/** The content of the file at `path`, as it's read. @throws PruningError where there is none. */
export async function readPackedFile(path: string): Promise<FileContent> {
  const source = localPath(path);
  const info = await stat(source).catch(fileError(source, PACKED));
  check(info.isFile(), source, PACKED, info.isDirectory() ? 'a directory' : 'no file');
  const stream = createReadStream(source, {highWaterMark: READ_BYTES});
  return {stream: Readable.toWeb(stream) as ReadableStream<Uint8Array>, size: info.size};
}
