import {join} from 'node:path';

import {writePackedFile} from '../../../lib/files/node/packed_file';
import {injectFaults} from './faults';
import {errorOf, filesIn, temporaryDirectories} from './support';

const newDirectory = temporaryDirectories();

test('a packed file that cannot be written leaves the old one, and no new directory', async () => {
  const directory = newDirectory();
  await writePackedFile(join(directory, 'old/model.tfpack'), [Uint8Array.of(1)]);
  const faults = injectFaults((call) => (call.name === 'writeFile' ? 'fails' : 'done'));
  const paths = ['old/model.tfpack', 'a/b/model.tfpack'].map((path) => join(directory, path));
  const errors = [];
  for (const path of paths) {
    errors.push(await errorOf(() => writePackedFile(path, [Uint8Array.of(1, 2)])));
  }
  await faults.restore();
  expect(errors.map(({message}) => message)).toEqual(
    paths.map(
      (path) =>
        `${path}: expected a file that can be written, ` +
        "but got 'ENOSPC: no space left on device'.",
    ),
  );
  expect(filesIn(directory)).toEqual(['old']);
  expect(filesIn(join(directory, 'old'))).toEqual(['model.tfpack']);
});
