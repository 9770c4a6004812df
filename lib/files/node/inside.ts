import {realpath} from 'node:fs/promises';
import {isAbsolute, join, relative, sep, win32} from 'node:path';

import {check} from '../../base/check';
import {fileError} from './file_error';

/**
 * The path of a file that a model names, which must be inside the model's folder, however it is
 * named and wherever links lead: a model comes from anywhere, and its weights may be shown.
 *
 * @param folder Where the model is.
 * @param path As the model names it.
 * @param expected What the file is; named in errors.
 * @throws PruningError where it is outside, or not there.
 */
export async function insideFolder(
  folder: string,
  path: string,
  expected: string,
): Promise<string> {
  const inside = `${expected} inside ${folder}`;
  // On any system, as Windows reads it too: it is the same model.
  const isRelative = !isAbsolute(path) && !win32.isAbsolute(path) && !/^[a-z]:/i.test(path);
  const staysInside = isRelative && !path.split(/[\\/]/).includes('..');
  check(staysInside, 'paths', inside, path);
  const file = join(folder, path);
  const [realFolder, realFile] = await Promise.all(
    [folder, file].map((each) => realpath(each)),
  ).catch(fileError(file, expected));
  const way = relative(realFolder, realFile);
  check(way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way), file, inside, 'a link');
  return file;
}
