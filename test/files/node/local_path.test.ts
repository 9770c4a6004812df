import {join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';

import {localPath} from '../../../lib/files/node/local_path';
import {errorOf} from './support';

test.each([
  ['models/a', resolve('models/a')],
  ['/models/a/', resolve('/models/a')],
  ['a%20b#c?d', resolve('a%20b#c?d')],
  ['file://models/a%20b', resolve('models/a%20b')],
  ['file://./models/a', resolve('models/a')],
  ['file:///models/a', resolve('/models/a')],
  ['file:///models/a%20b', resolve('/models/a b')],
  ['file:///models/a#b?c', resolve('/models/a#b?c')],
  ['file:///models/100%', resolve('/models/100%')],
])('%s means %s', (path, expected) => {
  expect(localPath(path)).toBe(expected);
});

test('takes any file URL', () => {
  const path = join(resolve('a'), 'é %#?& b');
  expect(localPath(pathToFileURL(path).href)).toBe(path);
});

test.each([
  ['', "''"],
  ['file://', "'file://'"],
  [undefined, 'undefined'],
  [7, '7'],
  [['a', 'b'], '["a","b"]'],
])('refuses %p', async (path, shown) => {
  const {message} = await errorOf(() => localPath(path));
  expect(message).toBe(`path: expected a directory or the path of a model.json, but got ${shown}.`);
});
