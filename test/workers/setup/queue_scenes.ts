/**
 * Prints as JSON what becomes of tasks that go through a queue of one kind, and that nothing is
 * computed for:
 *
 *     tsx test/workers/setup/queue_scenes.ts PostgreSQL
 *
 * In a process of its own, which ends only where each connection is closed.
 */
import {setTimeout as sleep} from 'node:timers/promises';

import pg from 'pg';

import type {Crew, LayerTask, Task} from '../../../lib/auto/executor';
import {queue} from '../../../lib/workers/queue/queue';
import {serve} from '../../../lib/workers/queue/serve';
import {startPostgres, startRedis, type TestServer} from './servers';

const isPostgres = process.argv[2] === 'PostgreSQL';
const server = await (isPostgres ? startPostgres() : startRedis());
const scenes = {
  ...{addedWhileAway, restarted, keptResult, oldFailure, goneForGood},
  ...(isPostgres ? {refusedOnce} : {}),
};
const found: Record<string, unknown> = {};
for (const [name, scene] of Object.entries(scenes)) {
  found[name] = await scene(server, name);
}
await server.stop();
console.log(JSON.stringify(found));

/** Tasks that the driver adds while there is no server are done once there is one again. */
async function addedWhileAway({url, down, up}: TestServer, name: string) {
  const driver = await open(url, name);
  await down();
  const metrics = Promise.all(run(driver, [1, 2, 3]));
  await sleep(500);
  await up();
  const worker = await hire(url, name);
  const all = {metrics: await metrics, done: worker.done};
  await Promise.all([driver.close(), worker.close()]);
  return all;
}

/** A server that is started anew in the middle of tasks. */
async function restarted({url, restart}: TestServer, name: string) {
  const [driver, worker] = await Promise.all([open(url, name), hire(url, name, 300)]);
  const metrics = Promise.all(run(driver, [1, 2, 3]));
  while (worker.begun.length < 2) {
    await sleep(10);
  }
  await restart();
  const all = {metrics: await metrics};
  await Promise.all([driver.close(), worker.close()]);
  return all;
}

/** A search and a worker end although there is no server any more. */
async function goneForGood({url, down, up}: TestServer, name: string) {
  const [driver, worker] = await Promise.all([open(url, name), hire(url, name, 300)]);
  const metrics = Promise.all(run(driver, [1, 2, 3]));
  while (worker.begun.length < 2) {
    await sleep(10);
  }
  await down();
  await Promise.all([driver.close(), worker.close()]);
  await up();
  return {metrics: (await metrics).slice(1)};
}

/** A result that a search gives up is there for another one. */
async function keptResult({url}: TestServer, name: string) {
  const [driver, worker] = await Promise.all([open(url, name), hire(url, name)]);
  const before = await Promise.all(run(driver, [1]));
  const second = await open(url, name);
  const [other] = second.run([taskOf(1)], () => {});
  other.cancel();
  await second.close();
  const after = await Promise.all(run(driver, [1]));
  const all = {before, after, done: worker.done};
  await Promise.all([driver.close(), worker.close()]);
  return all;
}

/** A failure that another search has left is no result of this one. */
async function oldFailure({url}: TestServer, name: string) {
  const driver = await open(url, name);
  const tired = await hire(url, name, 0, 'no memory');
  const before = await Promise.all(run(driver, [1]));
  await Promise.all([driver.close(), tired.close()]);
  const [second, worker] = await Promise.all([open(url, name), hire(url, name)]);
  const after = await Promise.all(run(second, [1]));
  await Promise.all([second.close(), worker.close()]);
  return {before, after};
}

/** A result that the server refuses once, as one may that has just been started. */
async function refusedOnce({url}: TestServer, name: string) {
  const driver = await open(url, name);
  const client = new pg.Client({connectionString: url});
  await client.connect();
  await client.query(`
    create sequence public.results;
    create function public.refuse_once() returns trigger language plpgsql as $$ begin
      if nextval('public.results') = 1 then raise 'the database system is starting up'; end if;
      return new;
    end $$;
    create trigger refuse_once before update on bullmq.job for each row
      when (new.state = 'completed') execute function public.refuse_once();
  `);
  const worker = await hire(url, name);
  const all = {metrics: await Promise.all(run(driver, [1])), done: worker.done};
  await client.query('drop trigger refuse_once on bullmq.job');
  await Promise.all([driver.close(), worker.close(), client.end()]);
  return all;
}

/**
 * A worker that needs so many milliseconds for a task, whose metric is then its number; or where
 * `failed` says why it does not survive any.
 */
async function hire(url: string, name: string, milliseconds = 0, failed?: string) {
  const [begun, done]: number[][] = [[], []];
  const measure = async (task: Task) => {
    const number = Number((task as LayerTask).layer);
    begun.push(number);
    await sleep(milliseconds);
    done.push(number);
    return failed === undefined ? {metric: number, sparsity: 0.5, seconds: 0} : {failed};
  };
  const crewOf = (): Crew => ({
    size: 1,
    run: (tasks) => tasks.map((task) => ({outcome: measure(task), cancel: () => {}})),
    close: async () => {},
  });
  const {close} = await serve({url, name, crewOf, lock: 10});
  return {begun, done, close};
}

function open(url: string, name: string): Promise<Crew> {
  return queue({url, name}).open({model: null as never, settings: {}});
}

function run(crew: Crew, numbers: readonly number[]): Array<Promise<number | string>> {
  return crew
    .run(numbers.map(taskOf), () => {})
    .map(async ({outcome}) => {
      const measured = await outcome;
      return 'failed' in measured ? measured.failed : measured.metric;
    });
}

function taskOf(number: number): LayerTask {
  const layer = String(number);
  return {kind: 'layer', granularity: 'weight', layer, sparsity: 0.5, scoring: {}};
}
