import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {fileJournal} from '../../../lib/files/node/index';

describe('fileJournal', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
  });
  afterEach(() => rmSync(folder, {recursive: true, force: true}));

  it('reads what was written last, and nothing before', async () => {
    const path = join(folder, 'deep', 'journal.json');
    const journal = fileJournal(path);
    expect(await journal.read()).toBeNull();
    await Promise.all([journal.write('one'), journal.write('two')]);
    expect(await journal.read()).toBe('two');
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(await fileJournal(`file://${path}`).read()).toBe('two');
    expect(readdirSync(join(folder, 'deep'))).toEqual(['journal.json']);
  });

  it('leaves what was there where it fails', async () => {
    const path = join(folder, 'journal');
    mkdirSync(path);
    await expect(fileJournal(path).write('one')).rejects.toThrow(
      `${path}: expected a file that can be written`,
    );
    await expect(fileJournal(path).read()).rejects.toThrow('expected a file that can be read');
    expect(readdirSync(folder)).toEqual(['journal']);
    const file = join(folder, 'file');
    writeFileSync(file, 'x');
    const inFile = fileJournal(join(file, 'journal.json'));
    await expect(inFile.write('one')).rejects.toThrow('expected a file that can be written');
    expect(readFileSync(file, 'utf8')).toBe('x');
  });

  it('refuses what is no path', () => {
    expect(() => fileJournal('')).toThrow('path: expected');
  });
});
