import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {cpSync, existsSync, readFileSync, utimesSync, writeFileSync} from 'node:fs';
import {hostname} from 'node:os';
import {join} from 'node:path';

import {fileSystem} from '../../../lib/files/node/index';
import {withLock} from '../../../lib/files/node/lock';
import {writePackedFile} from '../../../lib/files/node/packed_file';
import {artifactsOf, errorOf, filesIn, temporaryDirectories, valueOf} from './support';

const newDirectory = temporaryDirectories();
const STANDARD = ['model.json', 'weights.bin'];
const save = (directory: string, value: number) => fileSystem(directory).save!(artifactsOf(value));

/** Another process that holds the lock of `target` until it is killed. */
async function holder(target: string): Promise<ChildProcess> {
  const code = `
    import {withLock} from ${JSON.stringify(join(__dirname, '../../../lib/files/node/lock.ts'))};
    withLock(process.argv[1], () => {
      process.stdout.write('held');
      return new Promise((resolve) => setTimeout(resolve, 1e6));
    });`;
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '-e', code, target],
    {stdio: ['ignore', 'pipe', 'inherit']},
  );
  await once(child.stdout!, 'data');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

/** What a lock says, were this process to hold it. */
function lockOf(target: string, changes: object = {}): string {
  const started = Date.now() - 1000 * process.uptime();
  const own = {host: hostname(), pid: process.pid, thread: 0, started, target};
  return JSON.stringify({...own, ...changes});
}

test('a second process that saves is refused, and may once the first is killed', async () => {
  const directory = newDirectory();
  await save(directory, 1);
  const target = join(directory, 'model.json');
  const packed = join(directory, 'model.tfpack');
  const children = [await holder(target), await holder(packed)];
  const before = filesIn(directory);
  const error = await errorOf(() => save(directory, 2));
  expect(error.message).toBe(
    `${target}: expected no other process that writes it, but got 'process ${children[0].pid} on ` +
      `${hostname()}; if it is gone, delete ${target}.tfjs-prune-lock'.`,
  );
  const packing = await errorOf(() => writePackedFile(packed, [Uint8Array.of(1)]));
  expect(packing.message).toContain('no other process that writes it');
  expect(filesIn(directory)).toEqual(before);
  expect(valueOf(await fileSystem(directory).load!())).toBe(1);

  await Promise.all(children.map(kill));
  await save(directory, 2);
  await writePackedFile(packed, [Uint8Array.of(1)]);
  expect(valueOf(await fileSystem(directory).load!())).toBe(2);
  expect(filesIn(directory)).toEqual(['model.json', 'model.tfpack', 'weights.bin']);
});

test('a folder that has been copied while it was written can be written', async () => {
  const [directory, copy] = [newDirectory(), join(newDirectory(), 'copy')];
  await withLock(join(directory, 'model.json'), async () => {
    cpSync(directory, copy, {recursive: true});
    expect(filesIn(copy)).toEqual(['model.json.tfjs-prune-lock']);
    await save(copy, 1);
  });
  expect(filesIn(copy)).toEqual(STANDARD);
  expect(filesIn(directory)).toEqual([]);
});

test.each<[string, object, number, boolean]>([
  ['an earlier process of the same number', {started: 1e12}, 0, true],
  ['this thread, which has forgotten it,', {}, 0, true],
  ['another thread', {thread: 7}, 0, false],
  ['another thread, long silent,', {thread: 7}, 120, true],
  ['another machine', {host: 'elsewhere'}, 0, false],
  ['another machine, long silent,', {host: 'elsewhere'}, 120, true],
])('a lock of %s', async (_, changes, age, isDead) => {
  const directory = newDirectory();
  const target = join(directory, 'model.json');
  const lock = `${target}.tfjs-prune-lock`;
  const text = lockOf(target, changes);
  writeFileSync(lock, text);
  const then = Date.now() / 1000 - age;
  utimesSync(lock, then, then);
  if (isDead) {
    await save(directory, 1);
    expect(filesIn(directory)).toEqual(STANDARD);
  } else {
    await errorOf(() => save(directory, 1));
    expect(readFileSync(lock, 'utf8')).toBe(text);
  }
});

test.each(['', '{', 'null', '[1]'])('a lock that says %j holds for two seconds', async (text) => {
  const directory = newDirectory();
  const lock = join(directory, 'model.json.tfjs-prune-lock');
  writeFileSync(lock, text);
  const {message} = await errorOf(() => save(directory, 1));
  expect(message).toContain("but got 'another; if it is gone, delete");
  const then = Date.now() / 1000 - 3;
  utimesSync(lock, then, then);
  await save(directory, 1);
  expect(existsSync(lock)).toBe(false);
});

test('a save that fails releases the lock', async () => {
  const directory = newDirectory();
  const target = join(directory, 'model.json');
  const failure = withLock(target, async () => {
    throw new Error('mine');
  });
  await expect(failure).rejects.toThrow('mine');
  expect(filesIn(directory)).toEqual([]);
});

test('a target in a folder that is not there is refused at once', async () => {
  const target = join(newDirectory(), 'missing', 'model.json');
  const task = jest.fn();
  const error = await errorOf(() => withLock(target, task));
  expect(error.message).toMatch(/expected a file that can be written, but got 'ENOENT/);
  expect(task).not.toHaveBeenCalled();
});
