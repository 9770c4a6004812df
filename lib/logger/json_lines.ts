import {fileError} from '../node/file_error';
import {check} from '../validate';
import type {SparsitySink} from './entry';

/**
 * Appends each entry to the file at `path` as one line of JSON. A line is
 * written by one call, so that processes may share a file.
 */
export function jsonLinesSink(path: string): SparsitySink {
  check(typeof path === 'string' && path !== '', 'file', 'the path of a file', path);
  check(
    globalThis.process?.versions?.node !== undefined,
    'file',
    'Node.js, which can write files; a browser can log to console or tfvis',
    path,
  );
  const append = async (text: string) => {
    const {appendFile} = await fileSystemModule();
    await appendFile(path, text).catch(fileError(path, 'a file that can be written'));
  };
  return {
    // Fails now and not after an epoch where the file can't be written.
    begin: () => append(''),
    write: (entry) => append(`${JSON.stringify(entry)}\n`),
  };
}

/** A name that is no literal, and the comments, keep bundlers for browsers from resolving it. */
function fileSystemModule(): Promise<typeof import('node:fs/promises')> {
  const name = 'node:fs/promises';
  return import(/* webpackIgnore: true */ /* @vite-ignore */ name);
}
