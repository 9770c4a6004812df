import {PassThrough} from 'node:stream';

import {ProgressBar, showProgress, withProgress} from '../../lib/cli/progress';
import type {StoredWeight} from '../../lib/files/quantize/stored_weight';

const weights = ['a', 'b'].map((name): StoredWeight => ({
  spec: {name, shape: [2000, 2000], dtype: 'float32'},
  bytes: new Uint8Array(4),
}));
const specs = weights.map(({spec}) => spec);

function terminalOf(isTTY: boolean): NodeJS.WriteStream & PassThrough {
  return Object.assign(new PassThrough(), {
    isTTY,
    columns: 80,
    cursorTo: () => true,
    moveCursor: () => true,
    clearLine: () => true,
  }) as unknown as NodeJS.WriteStream & PassThrough;
}

/** Lets each look at the clock be so many seconds after the last. */
function clockOf(seconds: number): void {
  let now = 0;
  jest.spyOn(Date, 'now').mockImplementation(() => (now += 1000 * seconds));
}

/** What is shown, while all of `given` are taken, on what is a terminal or not. */
async function shown(given: readonly StoredWeight[], isTTY: boolean): Promise<string> {
  const taken: StoredWeight[] = [];
  const terminal = terminalOf(isTTY);
  for await (const weight of withProgress(
    'Writing',
    specs.slice(0, given.length),
    given,
    terminal,
  )) {
    taken.push(weight);
  }
  expect(taken).toEqual(given);
  return String(terminal.read() ?? '');
}

afterEach(() => {
  showProgress(false);
  jest.restoreAllMocks();
});

test('a bar tells on a terminal how far the weights are', async () => {
  clockOf(1);
  showProgress(true);
  expect(await shown(weights, true)).toMatch(/Writing \[.*\] 50 % \d+ s left.* 100 % 0 s left/s);
});

test('there is none without a terminal, and where it is not wanted', async () => {
  clockOf(1);
  expect(await shown(weights, true)).toBe('');
  showProgress(true);
  expect(await shown(weights, false)).toBe('');
});

test('there is none for what is quick', async () => {
  showProgress(true);
  expect(await shown(weights, true)).toBe('');
});

test('the time left is as much as the part that is done has taken for its share', () => {
  let now = 0;
  jest.spyOn(Date, 'now').mockImplementation(() => now);
  showProgress(true);
  const terminal = terminalOf(true);
  const bar = new ProgressBar('Solving', 1, terminal);
  now = 30_000;
  bar.reach(1, 8);
  now = 40_000;
  bar.reach(6, 8);
  bar.stop();
  expect(String(terminal.read())).toMatch(/12 % 3 min 30 s left.* 75 % 14 s left/s);
});
