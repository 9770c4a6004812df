import {existsSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {runHere} from './run_here';

const folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
const out = join(folder, 'out');
afterAll(() => rmSync(folder, {recursive: true}));

it.each([
  [
    'a missing file',
    ['prune', 'nowhere/model.json', '--sparsity', '0.5', '-o', out],
    /nowhere\/model.json: expected a model, but got 'ENOENT/,
  ],
  [
    'a misspelled option',
    ['prune', 'model', '--sparsty', '0.5', '-o', out],
    /unknown option '--sparsty' \(Did you mean --sparsity\?\)/,
  ],
  [
    'a misspelled output',
    ['shrink', 'model', '--channels', '0.5', '--output', out],
    /unknown option '--output'/,
  ],
  ['no sparsity', ['prune', 'model', '-o', out], /required option '--sparsity <share>' not/],
  ['no output', ['compress', 'model'], /required option '-o, --out <path>' not specified/],
  ['no command', ['prun', 'model'], /unknown command 'prun' \(Did you mean prune\?\)/],
])('refuses %s in one line and writes nothing', async (_, args, message) => {
  const {status, errors} = await runHere(...args);
  expect(status).toBe(2);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatch(message);
  expect(existsSync(out)).toBe(false);
});
