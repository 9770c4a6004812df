import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {PruningError} from '../../../lib/index';
import {jsonLinesSink} from '../../../lib/report/logger/json_lines';
import {ENTRY} from './entries';

let folder: string;
let path: string;
const lines = () => readFileSync(path, 'utf8').trimEnd().split('\n');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
  path = join(folder, 'sparsity.jsonl');
});

afterEach(() => rmSync(folder, {recursive: true, force: true}));

describe('jsonLinesSink', () => {
  it('appends an entry a line, which parses back', async () => {
    writeFileSync(path, '{"epoch": 1}\n');
    const sink = jsonLinesSink(path);
    await sink.begin?.();
    await sink.write(ENTRY);
    await sink.write({...ENTRY, epoch: 3});
    expect(lines().map((line) => JSON.parse(line) as unknown)).toEqual([
      {epoch: 1},
      ENTRY,
      {...ENTRY, epoch: 3},
    ]);
  });

  it('keeps lines whole when two loggers share a file', async () => {
    const sinks = [jsonLinesSink(path), jsonLinesSink(path)];
    const weights = Array.from({length: 500}, () => ENTRY.weights[0]);
    const entries = Array.from({length: 20}, (_, epoch) => ({...ENTRY, epoch, weights}));
    await Promise.all(sinks.flatMap((sink) => entries.map((entry) => sink.write(entry))));
    expect(lines().map((line) => (JSON.parse(line) as typeof ENTRY).weights.length)).toEqual(
      Array.from({length: 40}, () => 500),
    );
  });

  it('makes the file when training begins', async () => {
    await jsonLinesSink(path).begin?.();
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  it.each(['begin', 'write'] as const)('names a file that cannot be written, at %s', async (at) => {
    path = join(folder, 'missing', 'sparsity.jsonl');
    const error = await Promise.resolve(jsonLinesSink(path)[at]?.(ENTRY)).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(PruningError);
    expect((error as PruningError).message).toBe(
      `${path}: expected a file that can be written, but got 'ENOENT: no such file or directory'.`,
    );
    expect((error as PruningError).cause).toMatchObject({code: 'ENOENT'});
  });

  it('names a folder', async () => {
    await expect(jsonLinesSink(folder).begin?.()).rejects.toThrow(`${folder}: expected a file`);
  });

  it.each([[''], [1], [null]])('refuses %p', (file) => {
    expect(() => jsonLinesSink(file as string)).toThrow('file: expected the path of a file');
  });

  it('refuses a browser', () => {
    const former = globalThis.process;
    Object.defineProperty(globalThis, 'process', {value: undefined, configurable: true});
    try {
      expect(() => jsonLinesSink(path)).toThrow('file: expected Node.js, which can write files');
    } finally {
      Object.defineProperty(globalThis, 'process', {value: former, configurable: true});
    }
  });
});
