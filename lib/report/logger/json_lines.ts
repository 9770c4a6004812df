import {check} from '../../base/check';
import {fileError} from '../../files/node/file_error';
import type {SparsitySink} from './entry';

/**
 * Appends each entry to the file at `path` as one line of JSON. A line is
 * written by one call, so that processes may share a file.
 */
export function jsonLinesSink(path: string): SparsitySink {
  check(typeof path === 'string' && path !== '', 'file', 'the path of a file', path);
  // No import, which bundlers for browsers would try to resolve.
  const files = globalThis.process?.getBuiltinModule?.('node:fs/promises');
  check(
    files !== undefined,
    'file',
    'Node.js, which can write files; a browser can log to console or tfvis',
    path,
  );
  const append = (text: string) =>
    files.appendFile(path, text).catch(fileError(path, 'a file that can be written'));
  return {
    // Fails now and not after an epoch where the file can't be written.
    begin: () => append(''),
    write: (entry) => append(`${JSON.stringify(entry)}\n`),
  };
}
