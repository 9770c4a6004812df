import {mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {shortenChunkNames} from '../../scripts/short_chunk_names';

describe('shortenChunkNames', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'chunks-'));
    mkdirSync(join(folder, 'base'));
  });
  afterEach(() => rmSync(folder, {recursive: true}));

  const write = (files: Record<string, string>) =>
    Object.entries(files).forEach(([name, text]) => writeFileSync(join(folder, name), text));
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');

  it('numbers files, maps and what refers to them', () => {
    write({
      'chunk-AAAA1111.js': "import {b} from './chunk-BBBB2222.js';",
      'chunk-BBBB2222.js': 'export const b = 1;\n//# sourceMappingURL=chunk-BBBB2222.js.map',
      'chunk-BBBB2222.js.map': '{"version": 3}',
      'base/check.js': "import '../chunk-AAAA1111.js';",
    });
    shortenChunkNames(folder, '.js');
    expect(readdirSync(folder).sort()).toEqual([
      'base',
      'chunk-0.js',
      'chunk-1.js',
      'chunk-1.js.map',
    ]);
    expect(read('chunk-0.js')).toBe("import {b} from './chunk-1.js';");
    expect(read('chunk-1.js')).toBe('export const b = 1;\n//# sourceMappingURL=chunk-1.js.map');
    expect(read('base/check.js')).toBe("import '../chunk-0.js';");
  });

  it('leaves other files, and names that are no chunk of the folder', () => {
    const files = {'chunk-AAAA1111.cjs': "'chunk-CCCC3333'", 'index.js': "'chunk-AAAA1111.js'"};
    write(files);
    shortenChunkNames(folder, '.js');
    expect(Object.keys(files).map(read)).toEqual(Object.values(files));
  });
});
