import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {chmodSync, cpSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

import {fileSystem} from '../../../lib/files/node/index';
import {type Fate, injectFaults} from './faults';
import {
  artifactsOf,
  errorOf,
  filesIn,
  readModelJSON,
  temporaryDirectories,
  valueOf,
} from './support';

const newDirectory = temporaryDirectories();
const STANDARD = ['model.json', 'weights.bin'];

const save = (directory: string, value: number) => fileSystem(directory).save!(artifactsOf(value));
const load = async (directory: string) => valueOf(await fileSystem(directory).load!());

test('overwrites under the standard names, and touches no other file', async () => {
  const directory = newDirectory();
  const others = ['model.tfjs-prune-1.json', 'weights.tfjs-prune-0123456789ABCDEF.bin', 'x.tmp'];
  others.forEach((name) => writeFileSync(join(directory, name), 'mine'));
  for (const value of [1, 2, 3]) {
    await save(directory, value);
    expect(await load(directory)).toBe(value);
    expect(filesIn(directory)).toEqual([...STANDARD, ...others].sort());
    expect(readModelJSON(directory).weightsManifest[0].paths).toEqual(['weights.bin']);
  }
});

test('keeps a private model private', async () => {
  const directory = newDirectory();
  await save(directory, 1);
  STANDARD.forEach((name) => chmodSync(join(directory, name), 0o600));
  await save(directory, 2);
  expect(STANDARD.map((name) => statSync(join(directory, name)).mode & 0o777)).toEqual([
    0o600, 0o600,
  ]);
});

test('saves to one directory take turns', async () => {
  const directory = newDirectory();
  const sizes = [4_000_000, 1, 100_000, 1]; // The last would win a race, the first lose it.
  await Promise.all(
    sizes.map((size, value) => fileSystem(directory).save!(artifactsOf(value, size))),
  );
  expect(await load(directory)).toBe(sizes.length - 1);
  expect(filesIn(directory)).toEqual(STANDARD);
});

test('a save that fails does not hold up the next', async () => {
  const directory = newDirectory();
  const broken = fileSystem(directory).save!({...artifactsOf(1), weightData: new ArrayBuffer(1)});
  const next = save(directory, 2);
  await errorOf(() => broken);
  await next;
  expect(await load(directory)).toBe(2);
});

test('loads during saves get one whole model', async () => {
  const directory = newDirectory();
  await save(directory, 0);
  let saving = true;
  const saves = (async () => {
    for (let value = 1; value <= 30; value++) {
      await fileSystem(directory).save!(artifactsOf(value, 1 + (value % 3)));
    }
    saving = false;
  })();
  let last = 0;
  while (saving) {
    const value = await load(directory);
    expect(value).toBeGreaterThanOrEqual(last);
    last = value;
  }
  await saves;
});

/** The number of calls of a save that all succeed. */
async function countCalls(directory: string): Promise<number> {
  const faults = injectFaults(() => 'done');
  await save(directory, 1);
  await faults.restore();
  return faults.calls.length;
}

describe.each([
  ['first', undefined],
  ['second', 1],
])('whichever call of the %s save', (_, old) => {
  async function prepare(): Promise<string> {
    const directory = newDirectory();
    if (old !== undefined) {
      await save(directory, old);
    }
    return directory;
  }

  async function expectOldOrNew(directory: string, mayBeNew: boolean): Promise<number | undefined> {
    if (old === undefined && !filesIn(directory).includes('model.json')) {
      return undefined;
    }
    const value = await load(directory);
    expect(mayBeNew ? [old, 2] : [old]).toContain(value);
    return value;
  }

  test('fails, the old model stays or the new one is saved', async () => {
    const count = await countCalls(await prepare());
    const outcomes = new Set<string>();
    for (let at = 0; at < count; at++) {
      const directory = await prepare();
      const before = filesIn(directory);
      const faults = injectFaults(({index}): Fate => (index === at ? 'fails' : 'done'));
      const [{status}] = await Promise.allSettled([save(directory, 2)]);
      await faults.restore();
      outcomes.add(status);
      if (status === 'rejected') {
        expect(await expectOldOrNew(directory, false)).toBe(old);
        expect(filesIn(directory)).toEqual(before);
      } else {
        expect(await load(directory)).toBe(2);
      }
      await save(directory, 3);
      expect(await load(directory)).toBe(3);
      expect(filesIn(directory)).toEqual(STANDARD);
    }
    expect(outcomes).toEqual(new Set(['rejected', 'fulfilled']));
  });

  test('the process dies in, the old or the new model loads, and the next save cleans up', async () => {
    const count = await countCalls(await prepare());
    const outcomes = new Set<number | undefined>();
    for (let at = 0; at < count; at++) {
      const directory = await prepare();
      const faults = injectFaults(({index}): Fate => (index >= at ? 'dies' : 'done'));
      save(directory, 2).catch(() => undefined);
      await faults.death;
      await faults.restore();
      outcomes.add(await expectOldOrNew(directory, true));

      // The dead save never ends its turn in this process: go on elsewhere.
      const copy = join(newDirectory(), 'copy');
      cpSync(directory, copy, {recursive: true});
      await save(copy, 3);
      expect(await load(copy)).toBe(3);
      expect(filesIn(copy)).toEqual(STANDARD);
    }
    expect(outcomes).toEqual(new Set([old, 2]));
  });
});

test.each([
  [0, 'weights.bin'],
  [1, 'model.json'],
])('a disk that is full from write %i on', async (full, name) => {
  const directory = newDirectory();
  await save(directory, 1);
  const faults = injectFaults((call) =>
    call.name === 'writeFile' && call.nth >= full ? 'fails' : 'done',
  );
  const error = await errorOf(() => save(directory, 2));
  await faults.restore();
  expect(error.message).toBe(
    `${join(directory, name)}: expected a file that can be written, ` +
      "but got 'ENOSPC: no space left on device'.",
  );
  expect(error.cause).toMatchObject({code: 'ENOSPC'});
  expect(await load(directory)).toBe(1);
  expect(filesIn(directory)).toEqual(STANDARD);
});

test.each(['rename', 'open', 'sync'])('%s that fails is named with its cause', async (name) => {
  const directory = newDirectory();
  await save(directory, 1);
  const faults = injectFaults((call) => (call.name === name ? 'fails' : 'done'));
  const error = await errorOf(() => save(directory, 2));
  await faults.restore();
  expect(error.message).toMatch(/: expected a file that can be written, but got 'EIO: i\/o error'/);
  expect(error.cause).toMatchObject({code: 'EIO', syscall: name});
  expect(await load(directory)).toBe(1);
  expect(filesIn(directory)).toEqual(STANDARD);
});

test('without hard links the weights are copied to their standard name', async () => {
  const directory = newDirectory();
  await save(directory, 1);
  const faults = injectFaults(({name}) => (name === 'link' ? 'fails' : 'done'));
  await save(directory, 2);
  await faults.restore();
  expect(await load(directory)).toBe(2);
  expect(filesIn(directory)).toEqual(STANDARD);
});

test('where the standard name cannot be had the model is saved under another', async () => {
  const directory = newDirectory();
  await save(directory, 1);
  const faults = injectFaults(({name}) => (/link|copyFile/.test(name) ? 'fails' : 'done'));
  await save(directory, 2);
  await faults.restore();
  const [name] = readModelJSON(directory).weightsManifest[0].paths;
  expect(name).toMatch(/^weights\.tfjs-prune-[0-9a-f]{16}\.bin$/);
  expect(filesIn(directory)).toEqual([...STANDARD, name].sort());
  expect(await load(directory)).toBe(2);

  // A save that fails must spare the file that the model still names.
  const full = injectFaults(({name}) => (name === 'writeFile' ? 'fails' : 'done'));
  await errorOf(() => save(directory, 3));
  await full.restore();
  expect(await load(directory)).toBe(2);

  await save(directory, 4);
  expect(await load(directory)).toBe(4);
  expect(filesIn(directory)).toEqual(STANDARD);
});

test('a killed process leaves a whole model each time', async () => {
  const directory = newDirectory();
  const killed: number[] = [];
  for (let round = 0; round < 4; round++) {
    const child = spawn(
      process.execPath,
      [
        '--import',
        'tsx',
        join(__dirname, 'save_forever.ts'),
        directory,
        String(killed.at(-1) ?? 0),
      ],
      {stdio: ['ignore', 'pipe', 'inherit']},
    );
    await once(child.stdout!, 'data');
    await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 100));
    await kill(child);
    killed.push(await load(directory));
  }
  expect(killed).toEqual([...killed].sort((a, b) => a - b));
  await save(directory, 0);
  expect(await load(directory)).toBe(0);
  expect(filesIn(directory)).toEqual(STANDARD);
});

async function kill(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  expect(await exit).toEqual([null, 'SIGKILL']);
}

test('a weights file is never written in place', async () => {
  const directory = newDirectory();
  await save(directory, 1);
  const inode = statSync(join(directory, 'weights.bin')).ino;
  const old = readFileSync(join(directory, 'weights.bin'));
  cpSync(join(directory, 'weights.bin'), join(directory, 'backup'));
  await save(directory, 2);
  expect(statSync(join(directory, 'weights.bin')).ino).not.toBe(inode);
  expect(readFileSync(join(directory, 'backup'))).toEqual(old);
});
