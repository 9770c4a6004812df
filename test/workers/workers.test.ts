import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {workers, type WorkersArgs} from '../../lib/workers/workers';
import {
  childrenOf,
  decided,
  drive,
  ensureBuilt,
  isAlive,
  until,
  type Printed,
} from './setup/processes';

const folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-workers-'));
const goal = {sparsity: 0.8, budget: {epochs: 6}};

let alone: Printed;
let poisonedAlone: Printed;

beforeAll(async () => {
  ensureBuilt();
  alone = (await drive({goal}).end)!;
  poisonedAlone = (await drive({goal, data: 'poisoned.mjs'}).end)!;
});

afterAll(() => rmSync(folder, {recursive: true}));

it.each([1, 2])('%s workers choose the same, with the same weights to the bit', async (count) => {
  const many = (await drive({goal, workers: count}).end)!;
  expect(decided(many)).toEqual(decided(alone));
});

it('measures layers to the same numbers', async () => {
  const [here, there] = [await drive({scan: true}).end, await drive({scan: true, workers: 2}).end];
  expect(there!.result).toEqual(here!.result);
  expect(there!.result).toBeDefined();
});

it.each([
  ['dies', 'crash'],
  ['freezes', 'freeze'],
])('replaces a worker that %s, and has its trial run again', async (_, POISON) => {
  const args = {goal, workers: 2, data: 'poisoned.mjs', limits: {silence: 5}};
  const printed = (await drive(args, {POISON, ONCE: join(folder, POISON)}).end)!;
  expect(decided(printed)).toEqual(decided(poisonedAlone));
});

it.each([
  ['dies each time', {POISON: 'crash', AFTER: '0'}, {}, 'SIGKILL'],
  ['takes too much memory', {POISON: 'memory', AFTER: '0'}, {megabytes: 900}, 'of memory'],
  ['throws', {POISON: 'throw', AFTER: '0'}, {}, 'no more batches'],
])('says why where a worker %s', async (_, env, limits, reason) => {
  const args = {goal, workers: 1, data: 'poisoned.mjs', limits};
  const printed = (await drive(args, env).end)!;
  expect(printed.error!.message).toContain(reason);
});

it('refuses a module with other data than the search has', async () => {
  const printed = (await drive({goal, workers: 1, data: 'other_data.mjs'}).end)!;
  expect(printed.error!.name).toBe('PruningError');
  expect(printed.error!.message).toContain("expected the driver's validation");
});

it('ends its workers, however it ends', async () => {
  const {process: driver, end} = drive({workers: 2}, {SAMPLES: '6400'});
  await until(() => childrenOf(driver.pid!).length === 2);
  const pids = childrenOf(driver.pid!);
  driver.kill('SIGKILL');
  await end;
  await until(() => !pids.some(isAlive));
});

it.each<[string, Partial<WorkersArgs>, string]>([
  ['no module', {data: undefined}, 'data'],
  ['no workers', {count: 0}, 'count'],
  ['no memory', {megabytes: 0}, 'megabytes'],
  ['no time', {seconds: -1}, 'seconds'],
  ['no patience', {silence: 1}, 'silence'],
  ['another option', {threads: 2} as object, 'threads'],
])('refuses %s', (_, change, expected) => {
  expect(() => workers({data: 'data.mjs', ...change} as WorkersArgs)).toThrow(expected);
});
