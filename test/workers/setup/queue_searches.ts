import {execFileSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {doneTwice, searchThrough, type Fault} from './faults';
import {at, decided, drive, ensureBuilt, type Printed, runCommand, work} from './processes';
import type {TestServer} from './servers';

const goal = {sparsity: 0.8, budget: {epochs: 6}};

/** So many samples that a fault comes in the middle of a training. */
const env = {SAMPLES: '1600'};

/** Tests of searches by way of a queue, and of workers that refuse, by real processes. */
export function testSearches(start: () => Promise<TestServer>, wrong: (url: string) => string) {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-queue-'));
  let server: TestServer;
  let alone: Printed;

  beforeAll(async () => {
    ensureBuilt();
    const started = start();
    alone = (await drive({goal}, env).end)!;
    server = await started;
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, {recursive: true});
  });

  it('searches come to the same while workers and drivers are killed and frozen', async () => {
    const faults: Fault[] = ['worker killed', 'driver killed', 'worker frozen'];
    const how = {env, drivers: 2};
    const found = await searchThrough(server, 'faults', {goal}, faults, how);
    found.printed.forEach((each) => expect(decided(each)).toEqual(decided(alone)));
    expect(doneTwice(found.lines)).toEqual([]);
    expect(found.happened).toBe(faults.length);
  });

  it('the command line searches by it, to the same; workers with other data refuse', async () => {
    const model = join(folder, 'model');
    execFileSync(process.execPath, [at('save_model.mjs'), model]);
    const run = async (out: string, ...where: string[]) => {
      const args = ['auto', model, '--data', at('data.mjs'), '--json', '-o', join(folder, out)];
      const compiled = ['--loss', 'categoricalCrossentropy', '--learning-rate', '0.02'];
      const toSparsity = ['--sparsity', '0.8', '--budget', '6', '--backend', 'wasm'];
      const found = await runCommand(...args, ...compiled, ...toSparsity, ...where);
      expect([found.status, found.errors]).toEqual([0, []]);
      const {report, test, layers} = JSON.parse(found.stdout) as Pick<Printed, 'report'> &
        Record<string, unknown>;
      const weights = readFileSync(join(folder, out, 'weights.bin')).toString('base64');
      return {...decided({report, weights: []}), test, layers, weights};
    };
    const name = 'command';
    const hereToo = run('here', '--workers', '0');
    const many = run('many', '--queue', server.url, '--name', name);
    const isNone = work(server.url, name, 'data.mjs', {}, '--model', at('no_model'));
    const other = work(server.url, name, 'data.mjs', {SEED: '5'}, '--model', model);
    expect([await isNone.ended, await other.ended]).toEqual([2, 2]);
    expect(isNone.lines.filter((line) => line.startsWith('error:'))).toHaveLength(1);
    expect(other.lines.join()).toContain("expected the driver's validation");
    const right = work(server.url, name, 'data.mjs', {}, '--model', model);
    expect(await many).toEqual(await hereToo);
    right.signal('SIGTERM');
    expect(await right.ended).toBe(0);
  });

  it('a wrong password, or no server, is one line and exit code 2', async () => {
    const urls = [wrong(server.url), server.url.replace(/:\d+\b/, ':1')];
    const workers = urls.map((url) => work(url, 'x', 'data_and_model.mjs'));
    expect(await Promise.all(workers.map(({ended}) => ended))).toEqual([2, 2]);
    for (const {lines} of workers) {
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(/^error: queue: expected a server at/);
      expect(lines[0]).not.toContain('wrong');
    }
  });
}
