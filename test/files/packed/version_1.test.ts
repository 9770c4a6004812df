import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

import {packed} from '../../../lib/files/load';
import {bytesOf} from '../artifacts';
import {FROZEN} from './frozen_weights';

/** Files as version 1 has written them: whatever changes, they are read. */
const FOLDER = join(__dirname, 'version_1');

it('has a file for each set of weights', () => {
  const names = Object.keys(FROZEN).map((name) => `${name}.tfpack`);
  expect(readdirSync(FOLDER).sort()).toEqual(names.sort());
});

it.each(Object.entries(FROZEN))('reads %s to the bit', async (name, weights) => {
  const loaded = await packed(readFileSync(join(FOLDER, `${name}.tfpack`))).load!();
  expect(loaded.generatedBy).toBe(name);
  expect(loaded.weightSpecs).toEqual(weights.map(({spec}) => spec));
  expect(bytesOf(loaded.weightData).equals(Buffer.concat(weights.map(({bytes}) => bytes)))).toBe(
    true,
  );
});
