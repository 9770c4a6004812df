import {PassThrough} from 'node:stream';

import {showProgress, withProgress} from '../../lib/cli/progress';
import type {StoredWeight} from '../../lib/files/quantize/stored_weight';

const weights = ['a', 'b'].map((name): StoredWeight => ({
  spec: {name, shape: [2000, 2000], dtype: 'float32'},
  bytes: new Uint8Array(4),
}));
const specs = weights.map(({spec}) => spec);

/** What is shown, while all of `given` are taken, on what is a terminal or not. */
async function shown(given: readonly StoredWeight[], isTTY: boolean): Promise<string> {
  const stream = Object.assign(new PassThrough(), {
    isTTY,
    columns: 80,
    cursorTo: () => true,
    moveCursor: () => true,
    clearLine: () => true,
  });
  const taken: StoredWeight[] = [];
  const terminal = stream as unknown as NodeJS.WriteStream;
  for await (const weight of withProgress(
    'Writing',
    specs.slice(0, given.length),
    given,
    terminal,
  )) {
    taken.push(weight);
  }
  expect(taken).toEqual(given);
  return String(stream.read() ?? '');
}

afterEach(() => showProgress(false));

test('a bar tells on a terminal how far the weights are', async () => {
  showProgress(true);
  expect(await shown(weights, true)).toMatch(/Writing \[.*\] 0 %.* 50 %.* 100 %/s);
});

test('there is none without a terminal, where it is not wanted, and for what is quick', async () => {
  expect(await shown(weights, true)).toBe('');
  showProgress(true);
  expect(await shown(weights, false)).toBe('');
  expect(await shown(weights.slice(0, 1), true)).toBe('');
});
