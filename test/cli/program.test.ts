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
  [
    'a list of layers before the model',
    ['prune', '--sparsity', '0.5', '-o', out, '--layers', 'dense', 'model'],
    /missing required argument 'model' \(it goes before --layers, which takes all names/,
  ],
  [
    'a format of another program',
    ['prune', 'model', '--sparsity', '0.5', '-o', `${out}.h5`],
    /--out: expected a directory, or a file ending with .tfpack, but got '.*out.h5'/,
  ],
  [
    'files of tfjs by the name of a packed one',
    ['decompress', 'model', '-o', `${out}.tfpack`],
    /--out: expected a directory, for files of tfjs/,
  ],
  [
    'a model on a server',
    ['prune', 'https://a.site/model.json', '--sparsity', '0.5', '-o', out],
    /expected a directory or the path of a model.json on this machine/,
  ],
  [
    'a worker without a lock',
    ['worker', '--queue', 'redis://a.host', '--data', 'data.mjs', '--lock', '0'],
    /--lock: expected an integer of at least 1, but got 0/,
  ],
  [
    'a worker without memory',
    ['worker', '--queue', 'redis://a.host', '--data', 'data.mjs', '--memory', '0'],
    /--memory: expected a number above 0, but got 0/,
  ],
  ['no command', ['prun', 'model'], /unknown command 'prun' \(Did you mean prune\?\)/],
])('refuses %s in one line and writes nothing', async (_, args, message) => {
  const {status, errors} = await runHere(...args);
  expect(status).toBe(2);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatch(message);
  expect(existsSync(out)).toBe(false);
});
