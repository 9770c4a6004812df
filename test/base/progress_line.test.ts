import {withProgressLine, type Verbose} from '../../lib/base/progress_line';
import type {Stoppable} from '../../lib/base/stoppable';

type Args = Stoppable<number> & Verbose;

/** Runs ten steps, each of which takes so long; what is on stderr of a terminal or not, and printed. */
async function run(args: Args, isTerminal: boolean, milliseconds: number, env = 'production') {
  const written: string[] = [];
  const printed: string[] = [];
  let now = 0;
  jest.spyOn(Date, 'now').mockImplementation(() => now);
  jest.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  const {isTTY, columns} = process.stderr;
  const {NODE_ENV} = process.env;
  Object.assign(process.stderr, {isTTY: isTerminal, columns: 60});
  process.env.NODE_ENV = env;
  const describe = (done: number) => ({done, total: 10, note: `step ${done}`});
  try {
    const result = await withProgressLine('task', args, describe, async ({onProgress}) => {
      for (let done = 1; done <= 10; ++done) {
        now += milliseconds;
        await onProgress?.(done);
      }
      return 'done';
    });
    expect(result).toBe('done');
  } finally {
    Object.assign(process.stderr, {isTTY, columns});
    process.env.NODE_ENV = NODE_ENV;
    jest.restoreAllMocks();
  }
  return {written, printed};
}

it('shows a line on a terminal, after a second, and removes it', async () => {
  const {written, printed} = await run({}, true, 600);
  expect(written[0]).toBe('\rtask: 2 of 10, step 2, 5 s left\u001b[K');
  expect(written).toHaveLength(10);
  expect(written[8]).toBe('\rtask: 10 of 10, step 10\u001b[K');
  expect(written[9]).toBe('\r\u001b[K');
  expect(printed).toEqual([]);
});

it.each<[string, Args, boolean, string]>([
  ['without a terminal', {}, false, 'production'],
  ['in tests', {}, true, 'test'],
  ['with verbose 0', {verbose: 0}, true, 'production'],
  ['where the user is told anyway', {onProgress: () => {}}, true, 'production'],
])('shows none %s', async (_, args, isTerminal, env) => {
  expect(await run(args, isTerminal, 600, env)).toEqual({written: [], printed: []});
});

it('prints a line every two seconds with verbose 1 and no terminal', async () => {
  const told: number[] = [];
  const onProgress = (done: number) => void told.push(done);
  const {written, printed} = await run({verbose: 1, onProgress}, false, 600, 'test');
  expect(written).toEqual([]);
  expect(printed).toEqual([
    'task: 1 of 10, step 1, 6 s left',
    'task: 5 of 10, step 5, 3 s left',
    'task: 9 of 10, step 9, 1 s left',
    'task: 10 of 10, step 10',
  ]);
  expect(told).toHaveLength(10);
});

it('cuts a line that is too long for the terminal', async () => {
  const {written} = await run({verbose: 1}, true, 600);
  written.forEach((text) => expect(text.length).toBeLessThan(65));
});

it('hands over what onProgress returns, and refuses another verbose', async () => {
  const describe = (done: number) => ({done, total: 2});
  const stopping: Args = {verbose: 1, onProgress: () => false};
  jest.spyOn(console, 'log').mockImplementation(() => {});
  const result = withProgressLine('task', stopping, describe, async ({onProgress}) =>
    onProgress!(1),
  );
  expect(await result).toBe(false);
  jest.restoreAllMocks();
  const other = withProgressLine('task', {verbose: 2 as never} as Args, describe, async () => 1);
  await expect(other).rejects.toThrow('verbose: expected 0 or 1, but got 2');
});
