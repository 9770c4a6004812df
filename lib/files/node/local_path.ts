import {resolve} from 'node:path';

import {check} from '../../base/check';

const SCHEME = 'file://';

/** The absolute path that `path` means: a plain path, tfjs-node's `file://` and one, or a file URL. */
export function localPath(path: unknown): string {
  const expected = 'a directory or the path of a model.json';
  check(typeof path === 'string', 'path', expected, path);
  check(!/^https?:\/\//i.test(path), 'path', `${expected} on this machine`, path);
  const local = path.startsWith(SCHEME) ? withoutScheme(path.slice(SCHEME.length)) : path;
  check(local !== '', 'path', expected, path);
  return resolve(local);
}

/**
 * Only what starts with a slash can be the URL of a local file; the rest is a
 * relative path of tfjs-node's, which escapes nothing. Not `fileURLToPath`: it
 * would cut such a path at a `#` or `?`, and save to another directory.
 */
function withoutScheme(path: string): string {
  if (!path.startsWith('/')) {
    return path;
  }
  const decoded = unescaped(path);
  return process.platform === 'win32' ? decoded.replace(/^\/(?=[a-z]:)/i, '') : decoded;
}

function unescaped(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // A name such as '100%', which no URL has.
  }
}
