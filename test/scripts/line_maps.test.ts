import {decode} from '@jridgewell/sourcemap-codec';
import {transformSync} from 'esbuild';

import {lineMap} from '../../scripts/line_maps';

const SOURCE = `export function first(a: number): number {
  return a + 1;
}

/** Left out. */
export const second = first(2);
`;

it('keeps the line of each line, and nothing else', () => {
  const {code, map} = transformSync(SOURCE, {loader: 'ts', sourcemap: true, sourcefile: 'a.ts'});
  const slim = JSON.parse(lineMap(map)) as {sources: string[]; mappings: string};
  expect(Object.keys(slim)).toEqual(['version', 'sources', 'mappings']);
  expect(slim.sources).toEqual(['a.ts']);
  const lines = decode(slim.mappings);
  expect(lines.every((segments) => segments.length <= 1)).toBe(true);
  const text = SOURCE.split('\n');
  const built = code.split('\n').map((line) => line.trim());
  const lineOf = (start: string) => {
    const [segment] = lines[built.findIndex((each) => each.startsWith(start))];
    return text[segment[2]!];
  };
  expect(lineOf('export function')).toBe(text[0]);
  expect(lineOf('return')).toBe(text[1]);
  expect(lineOf('export const')).toBe(text[5]);
});

it('skips lines of no source, and counts sources and lines on', () => {
  // Nothing; line 0 of source 0; line 4 of source 1.
  const json = JSON.stringify({
    version: 3,
    sources: ['a.ts', 'b.ts'],
    sourcesContent: ['a', 'b'],
    names: [],
    mappings: ';AAAA,CAAC;ACIA',
  });
  expect(JSON.parse(lineMap(json))).toEqual({
    version: 3,
    sources: ['a.ts', 'b.ts'],
    mappings: ';AAAA;ACIA',
  });
});
