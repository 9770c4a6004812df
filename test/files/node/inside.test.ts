import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';

import {compressed} from '../../../lib/files/io';
import {fileSystem} from '../../../lib/files/node/index';
import {openModel} from '../../../lib/files/node/open_model';
import {errorOf, temporaryDirectories} from './support';

const newDirectory = temporaryDirectories();

/** A model of four bytes in the files of these paths. */
function modelOf(directory: string, ...paths: string[]): void {
  const weights = [{name: 'w', shape: [1], dtype: 'float32'}];
  const json = {modelTopology: {class_name: 'Sequential'}, weightsManifest: [{paths, weights}]};
  writeFileSync(join(directory, 'model.json'), JSON.stringify(json));
}

/** A folder with a model, and a file beside it that the model must not read. */
function withSecret(): {model: string; secret: string} {
  const directory = newDirectory();
  const model = join(directory, 'model');
  const secret = join(directory, 'secret');
  mkdirSync(join(model, 'sub'), {recursive: true});
  writeFileSync(secret, Uint8Array.of(1, 2, 3, 4));
  return {model, secret};
}

/** Each way that reads the weights of a model. */
const READERS = [
  ['fileSystem', (path: string) => fileSystem(path).load!()],
  ['compressed', (path: string) => compressed(path).load!()],
  ['the command line', (path: string) => openModel(path)],
] as const;

describe.each(READERS)('%s', (_, read) => {
  test.each([
    ['..', () => '../secret'],
    ['.. after a folder', () => 'sub/../../secret'],
    ['.. of Windows', () => 'sub\\..\\..\\secret'],
    ['an absolute path', (secret: string) => secret],
    ['a drive', () => 'C:\\secret'],
    ['a drive without a slash', () => 'c:secret'],
    ['a share', () => '\\\\server\\secret'],
  ])('refuses %s among the paths of weights', async (_, pathOf) => {
    const {model, secret} = withSecret();
    const path = pathOf(secret);
    modelOf(model, path);
    expect((await errorOf(() => read(model))).message).toBe(
      `paths: expected a weights file inside ${model}, but got '${path}'.`,
    );
  });

  test('refuses links that lead out, to a file or a folder', async () => {
    const {model, secret} = withSecret();
    symlinkSync(secret, join(model, 'weights.bin'));
    symlinkSync('..', join(model, 'up'));
    for (const path of ['weights.bin', 'up/secret']) {
      modelOf(model, path);
      expect((await errorOf(() => read(model))).message).toBe(
        `${join(model, path)}: expected a weights file inside ${model}, but got 'a link'.`,
      );
    }
  });

  test('refuses a model.json that is a link out of its folder', async () => {
    const {model, secret} = withSecret();
    symlinkSync(secret, join(model, 'model.json'));
    expect((await errorOf(() => read(model))).message).toMatch(/inside .*model, but got 'a link'/);
  });

  test('takes links inside the folder, folders that are links, and names with dots', async () => {
    const {model} = withSecret();
    writeFileSync(join(model, 'sub/..a..b.bin'), Uint8Array.of(1, 2, 3, 4));
    symlinkSync('sub/..a..b.bin', join(model, 'weights.bin'));
    const link = join(model, '..', 'current');
    symlinkSync(basename(model), link);
    for (const path of ['weights.bin', './sub/..a..b.bin']) {
      modelOf(model, path);
      await read(model);
      await read(link);
    }
  });

  test('refuses a file that is named twice: a small one could be any size', async () => {
    const {model} = withSecret();
    modelOf(model, 'weights.bin', './weights.bin');
    expect((await errorOf(() => read(model))).message).toMatch(
      "expected a weightsManifest that names each file once, but got 'weights.bin'",
    );
  });
});

test('a layer whose input is missing, for which tfjs would wait for ever, is refused', async () => {
  const {model} = withSecret();
  const layer = {name: 'a', class_name: 'Dense', config: {}, inbound_nodes: [[['b', 0, 0]]]};
  const modelTopology = {class_name: 'Model', config: {layers: [layer]}};
  const json = {modelTopology, format: 'layers-model', weightsManifest: []};
  writeFileSync(join(model, 'model.json'), JSON.stringify(json));
  for (const [, read] of READERS.slice(0, 2)) {
    expect((await errorOf(() => read(model))).message).toMatch(/inputs of 'a'.*'b', no layer/);
  }
});
