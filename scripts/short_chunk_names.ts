import {readdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';

const CHUNK = /\bchunk-[A-Z0-9]{8}\b/g;

/**
 * Numbers the chunks in `folder`, `chunk-0` and on. Files refer to them more than a thousand
 * times, and gzip cannot make a hash shorter. `suffix` is that of the files, such as `.js`.
 */
export function shortenChunkNames(folder: string, suffix: string): void {
  const files = readdirSync(folder, {recursive: true, encoding: 'utf8'})
    .filter((name) => name.endsWith(suffix) || name.endsWith(`${suffix}.map`))
    .map((name) => join(folder, name));
  const hashed = new Set(files.flatMap((path) => basename(path).match(CHUNK) ?? []));
  const names = new Map([...hashed].sort().map((name, i) => [name, `chunk-${i}`]));
  const short = (text: string) => text.replace(CHUNK, (name) => names.get(name) ?? name);
  for (const path of files) {
    writeFileSync(path, short(readFileSync(path, 'utf8')));
    renameSync(path, join(path, '..', short(basename(path))));
  }
}
