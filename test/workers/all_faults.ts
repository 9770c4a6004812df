/**
 * `npm run test:faults`: searches by queues in Redis and PostgreSQL while workers, drivers and
 * servers are killed, frozen and started anew at random moments. Each must come to what it comes
 * to when nothing goes wrong, with nothing done twice to its end.
 *
 *     npm run test:faults [-- --servers Redis --only worker driver --samples 800]
 */
import {isDeepStrictEqual} from 'node:util';

import {Command, Option} from 'commander';

import {doneTwice, searchThrough, type Disturbed, type Fault} from './setup/faults';
import {decided, drive, ensureBuilt, type DriverArgs, type Printed} from './setup/processes';
import {hasPostgres, hasRedis, startPostgres, startRedis, type TestServer} from './setup/servers';

const SERVERS = {
  Redis: [hasRedis, startRedis],
  PostgreSQL: [hasPostgres, startPostgres],
} as const;

const times = (count: number, fault: Fault) => Array<Fault>(count).fill(fault);

/** What happens, how often in all, and to a search. */
const SCENARIOS: Readonly<Record<string, [string, number, readonly Fault[], Disturbed]>> = {
  worker: ['a worker is killed', 20, times(5, 'worker killed'), {pauses: [1500, 5000]}],
  driver: ['the driver is killed', 5, times(2, 'driver killed'), {pauses: [1000, 5000]}],
  server: ['the server is started anew', 2, ['server restarted'], {pauses: [500, 3000]}],
  freeze: ['a worker freezes while two drivers search', 2, ['worker frozen'], {drivers: 2}],
};
const ALL = [...Object.keys(SCENARIOS), 'poison'];

const options = new Command('npm run test:faults --')
  .addOption(new Option('--servers <names...>').choices(Object.keys(SERVERS)))
  .addOption(new Option('--only <what...>').choices(ALL).default(ALL))
  .option('--samples <n>', 'so many that a search takes longer than what happens to it', '3200')
  .parse()
  .opts<{servers?: Array<keyof typeof SERVERS>; only: string[]; samples: string}>();

const env = {SAMPLES: options.samples};
const args: DriverArgs = {goal: {maxDrop: 0.1, budget: {epochs: 24}}};

/** A trial that no worker survives: each one of more zeros than that. */
const poison = {...env, POISON: 'crash', ABOVE: '0.85'};
const poisoned = {...args, data: 'poisoned.mjs'};

let searches = 0;
let faults = 0;

ensureBuilt();
const alone = decided((await drive(args, env).end)!);
for (const name of options.servers ?? (Object.keys(SERVERS) as Array<keyof typeof SERVERS>)) {
  const [isThere, start] = SERVERS[name];
  if (!isThere) {
    report(`${name} is installed`, false, '');
    continue;
  }
  const server = await start();
  try {
    await all(name, server);
  } finally {
    await server.stop();
  }
}
console.log(`${searches} searches, ${faults} of them not as they should be.`);
process.exitCode = faults > 0 ? 1 : 0;

async function all(kind: string, server: TestServer): Promise<void> {
  const chosen = Object.keys(SCENARIOS).filter((key) => options.only.includes(key));
  for (const [what, most, each, how] of chosen.map((key) => SCENARIOS[key])) {
    let done = 0;
    for (let tries = 0; done < most && tries < 2 * most; ++tries) {
      const search = `search-${++searches}`;
      const found = await searchThrough(server, search, args, each, {...how, env});
      done += found.happened;
      const isSame = found.printed.every((one) => isDeepStrictEqual(decided(one), alone));
      report(`${kind}, ${what}: the same end`, isSame, search);
      // A server that is away may cost a worker what it has just done.
      const twice = each.includes('server restarted') ? [] : doneTwice(found.lines);
      report(`${kind}, ${what}: nothing twice`, twice.length === 0, twice.join());
    }
    report(`${kind}, ${what}: ${most} times or more in a search`, done >= most, `${done}`);
  }
  if (options.only.includes('poison')) {
    await poisonedSearch(kind, server);
  }
}

/** A trial that always crashes, on the queue as on workers of this machine. */
async function poisonedSearch(kind: string, server: TestServer): Promise<void> {
  const there = decided((await drive({...poisoned, workers: 2}, poison).end)!);
  report('a trial that always crashes is reported', hasFailure(there), '');
  const search = `search-${++searches}`;
  const how = {env: poison, data: 'poisoned.mjs'};
  const {printed} = await searchThrough(server, search, poisoned, [], how);
  const isSame = isDeepStrictEqual(decided(printed[0]), there);
  report(`${kind}, a trial that always crashes: the same end`, isSame, search);
}

function report(what: string, holds: boolean, detail: string): void {
  faults += Number(!holds);
  console.log(`${holds ? 'yes' : 'NO '} ${what}${detail && ` (${detail})`}`);
}

function hasFailure({report: found}: Pick<Printed, 'report'>): boolean {
  return found!.trials.some(({failed}) => failed !== undefined);
}
