import {randomBytes} from 'node:crypto';
import {copyFile, link, open, readdir, rename, rm, rmdir, stat, writeFile} from 'node:fs/promises';
import {dirname, join, parse} from 'node:path';

import type {ByteParts} from '../artifacts/byte_source';

/** What `stagedPath` makes, and no user would: the only files that `sweep` deletes. */
const STAGED = /^(.+)\.tfjs-prune-[0-9a-f]{16}(\.[^.]+)?$/;

/** Ends the name of a lock, after that of what is locked. */
export const LOCK = '.tfjs-prune-lock';
const LOCK_END = /\.tfjs-prune-lock$/;

/** A path beside `target` that no file has: `weights.tfjs-prune-0123456789abcdef.bin`. */
export function stagedPath(target: string): string {
  const {dir, name, ext} = parse(target);
  return join(dir, `${name}.tfjs-prune-${randomBytes(8).toString('hex')}${ext}`);
}

/**
 * Writes a new file that will replace `target`, down to the disk: the rename
 * that follows could otherwise outlive a power failure that the data doesn't.
 */
export async function write(path: string, data: string | ByteParts, target: string): Promise<void> {
  // A file that was private stays private.
  const mode = await stat(target).then(
    (old) => old.mode & 0o777,
    () => 0o666,
  );
  const file = await open(path, 'wx', mode);
  try {
    await writeFile(file, data);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Gives the file `from` a second name without a copy, or copies it where hard links don't exist. */
export async function duplicate(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch {
    await copyFile(from, to);
    await sync(to, 'r+');
  }
}

/** Renames `staged` over `target`, in one step that is seen as a whole or not at all. */
export async function moveInto(staged: string, target: string): Promise<void> {
  await rename(staged, target);
  // Not every system syncs directories; the rename itself is done.
  await sync(dirname(target), 'r').catch(() => undefined);
}

/**
 * Deletes the staged files in `directory`, of this save and earlier ones.
 *
 * @param isOurs Whether it's for files of this name that they were staged.
 * @param inUse Names of staged files to keep.
 */
export async function sweep(
  directory: string,
  isOurs: (name: string) => boolean,
  inUse: readonly string[],
): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  const left = names.filter((name) => {
    const [, stem, extension = ''] = STAGED.exec(name) ?? [];
    const target = (stem + extension).replace(LOCK_END, '');
    return stem !== undefined && isOurs(target) && !inUse.includes(name);
  });
  await Promise.allSettled(left.map((name) => rm(join(directory, name))));
}

/** Removes `directory` and those above it, up to `first`, unless something is in them. */
export async function removeEmpty(directory: string, first: string | undefined): Promise<void> {
  for (let path = directory; first && path.length >= first.length; path = dirname(path)) {
    const isGone = await rmdir(path).then(
      () => true,
      () => false,
    );
    if (!isGone) {
      return;
    }
  }
}

async function sync(path: string, flags: string): Promise<void> {
  const file = await open(path, flags);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
