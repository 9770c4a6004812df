import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

import {packed} from '../../../lib/files/load';
import {Format} from '../../../lib/files/packed/format';
import {bytesOf} from '../artifacts';
import {FROZEN} from './frozen_weights';

/** Files as each version has written them: whatever changes, they are read. */
const FILES = FROZEN.flatMap((files, i) =>
  Object.entries(files).map(([name, weights]) => ({version: i + 1, name, weights})),
);

const folderOf = (version: number) => join(__dirname, `version_${version}`);

it('has a file for each set of weights, of each version', () => {
  expect(FROZEN.length).toBe(Format.VERSION);
  FROZEN.forEach((files, i) => {
    const names = Object.keys(files).map((name) => `${name}.tfpack`);
    expect(readdirSync(folderOf(i + 1)).sort()).toEqual(names.sort());
  });
});

it.each(FILES)('reads $name of version $version to the bit', async ({version, name, weights}) => {
  const file = readFileSync(join(folderOf(version), `${name}.tfpack`));
  expect(file.readUInt32LE(4)).toBe(version);
  const loaded = await packed(file).load!();
  expect(loaded.generatedBy).toBe(name);
  expect(loaded.weightSpecs).toEqual(weights.map(({spec}) => spec));
  expect(bytesOf(loaded.weightData).equals(Buffer.concat(weights.map(({bytes}) => bytes)))).toBe(
    true,
  );
});
