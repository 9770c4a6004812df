import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

import {decode, encode, type SourceMapSegment} from '@jridgewell/sourcemap-codec';

interface SourceMap {
  version: number;
  sources: readonly string[];
  mappings: string;
}

/**
 * Leaves of each source map in `folder` what a stack trace needs: the source and the
 * line of each line that was built. The code is not minified, so that names and columns
 * are those of the sources, and whole maps would take ten times as much room.
 */
export function keepLineMaps(folder: string): void {
  const files = readdirSync(folder, {recursive: true, encoding: 'utf8'});
  for (const file of files.filter((name) => name.endsWith('.js.map'))) {
    const path = join(folder, file);
    writeFileSync(path, lineMap(readFileSync(path, 'utf8')));
  }
}

/** A source map, as JSON, with the first place of each line alone. */
export function lineMap(json: string): string {
  const {version, sources, mappings} = JSON.parse(json) as SourceMap;
  const lines = decode(mappings).map((segments): SourceMapSegment[] => {
    const first = segments.find((segment) => segment.length > 1);
    return first ? [[0, first[1]!, first[2]!, 0]] : [];
  });
  return JSON.stringify({version, sources, mappings: encode(lines)});
}
