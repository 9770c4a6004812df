import {spawnSync} from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {layers, loadLayersModel, sequential} from '@tensorflow/tfjs-layers';

import {compressed} from '../../lib/files/io';
import {fileSystem} from '../../lib/files/node/index';
import {sparsityReport} from '../../lib/report/report';
import {graphArtifacts} from './graph';
import {runHere} from './run_here';

const root = join(__dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, {recursive: true}));

function run(...args: string[]) {
  const {status, stdout, stderr} = spawnSync(
    process.execPath,
    ['--import', 'tsx', join(root, 'lib/cli/main.ts'), ...args],
    {cwd: root, encoding: 'utf8'},
  );
  return {status, stdout, error: stderr.split('\n').filter((line) => line.startsWith('error:'))};
}

beforeAll(async () => {
  const model = sequential({
    layers: [
      layers.conv2d({
        filters: 4,
        kernelSize: 3,
        activation: 'relu',
        inputShape: [8, 8, 1],
        name: 'conv',
      }),
      layers.flatten(),
      layers.dense({units: 10, name: 'dense'}),
    ],
  });
  await model.save(fileSystem(at('model')));
  model.dispose();
  await fileSystem(at('graph')).save!(graphArtifacts());
});

describe('tfjs-prune', () => {
  it('inspects, prunes, compresses, decompresses and compares', async () => {
    const pruned = run('prune', at('model'), '--sparsity', '0.75', '-o', at('sparse'), '--json');
    expect(pruned.status).toBe(0);
    expect(JSON.parse(pruned.stdout)).toMatchObject({size: 36 + 1440, zeros: 27 + 1080});

    const packed = run('compress', at('sparse'), '--clusters', '16', '-o', at('small.tfpack'));
    expect(packed.status).toBe(0);
    expect(run('decompress', at('small.tfpack'), '-o', at('plain')).status).toBe(0);
    const model = await loadLayersModel(fileSystem(at('plain')));
    expect((await sparsityReport(model)).sparsity).toBe(0.75);
    model.dispose();

    const inspected = JSON.parse(run('inspect', at('small.tfpack'), '--json').stdout);
    expect(inspected).toMatchObject({
      kind: 'layers',
      format: 'packed',
      macs: {macs: 36 * 36 + 1440},
      totals: {size: 36 + 4 + 1440 + 10},
    });
    const {difference} = JSON.parse(run('compare', at('sparse'), at('plain'), '--json').stdout);
    expect(difference.largest).toBeGreaterThan(0);
    expect(difference.largest).toBeLessThan(0.2);
  });

  it('shrinks by both, where a model has but one of them to lose', () => {
    const both = ['--channels', '0.5', '--neurons', '0.5'];
    const {status, stdout} = run('shrink', at('model'), ...both, '-o', at('both'), '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout).groups[0].removed).toHaveLength(2);
    expect(run('shrink', at('model'), '--neurons', '0.5', '-o', at('none')).status).toBe(2);
  });

  it('shrinks', async () => {
    const args = ['shrink', at('model'), '--channels', '0.5', '-o', at('half.tfpack'), '--json'];
    const {status, stdout} = run(...args);
    expect(status).toBe(0);
    const after = 2 * 9 + 2 + 72 * 10 + 10;
    expect(JSON.parse(stdout).parameters).toEqual({before: 1490, after});
    const model = await loadLayersModel(compressed(at('half.tfpack'), {format: 'packed'}));
    expect(model.countParams()).toBe(after);
    model.dispose();
  });

  it('works on graphs', () => {
    const pruned = run('prune', at('graph'), '--sparsity', '0.5', '-o', at('graph2'));
    expect(pruned.status).toBe(0);
    expect(pruned.stdout).toContain('dense/kernel');
    const {difference} = JSON.parse(run('compare', at('graph'), at('graph2'), '--json').stdout);
    expect(difference.largest).toBeGreaterThan(0);
  });

  it.each([
    ['a missing file', ['inspect', 'nowhere'], /nowhere: expected a model, but got 'ENOENT/],
    ['no model', ['inspect', 'package.json'], /package.json: expected a modelTopology/],
    ['no command', ['prunes'], /unknown command 'prunes'/],
    ['a sparsity of 1', ['prune', 'MODEL', '--sparsity', '1', '-o', 'OUT'], /sparsity: expected/],
    [
      'an unknown layer',
      ['prune', 'MODEL', '--sparsity', '0.5', '--layers', 'x', '-o', 'OUT'],
      /'x'/,
    ],
    ['a graph to shrink', ['shrink', 'GRAPH', '--channels', '0.5', '-o', 'OUT'], /a LayersModel/],
    ['clusters for tfjs', ['compress', 'MODEL', '--clusters', '8', '-o', 'OUT'], /'packed' only/],
    ['an output that exists', ['compress', 'MODEL', '-o', 'MODEL'], /--out: expected a new model/],
  ])('refuses %s in one line and writes nothing', (_, args, message) => {
    const files = readdirSync(folder);
    const paths: Record<string, string> = {MODEL: at('model'), GRAPH: at('graph'), OUT: at('out')};
    const {status, error} = run(...args.map((arg) => paths[arg] ?? arg));
    expect(status).toBe(2);
    expect(error).toHaveLength(1);
    expect(error[0]).toMatch(message);
    expect(readdirSync(folder)).toEqual(files);
  });

  it('replaces no file of a model without --force, be there a model.json or not', async () => {
    mkdirSync(at('weights'));
    writeFileSync(at('weights/weights.bin'), 'mine');
    const args = ['compress', at('model'), '-o', at('weights')];
    const {status, errors} = await runHere(...args);
    expect(errors[0]).toMatch(/--out: expected a new model, or --force to replace it/);
    expect(status).toBe(2);
    expect(readFileSync(at('weights/weights.bin'), 'utf8')).toBe('mine');
    expect((await runHere(...args, '--force')).status).toBe(0);
    mkdirSync(at('notes'));
    writeFileSync(at('notes/notes.txt'), 'mine');
    expect((await runHere('compress', at('model'), '-o', at('notes'))).status).toBe(0);
  });

  it('refuses a packed file of another version, or cut short', () => {
    const head = Buffer.alloc(40);
    head.write('TFPK');
    head.writeUInt32LE(99, 4);
    writeFileSync(at('new.tfpack'), head);
    expect(run('inspect', at('new.tfpack')).error[0]).toMatch(/a version of the format up to 3/);
    expect(existsSync(at('new.tfpack'))).toBe(true);
  });
});
