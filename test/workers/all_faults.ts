/**
 * `npm run test:faults`: searches by queues in Redis and PostgreSQL while workers, drivers and
 * servers are killed, frozen and started anew at random moments. Each must come to what it comes
 * to when nothing goes wrong, with nothing done twice to its end.
 */
import {isDeepStrictEqual} from 'node:util';

import {doneTwice, searchThrough, type Disturbed, type Fault} from './setup/faults';
import {decided, drive, ensureBuilt, type DriverArgs, type Printed} from './setup/processes';
import {hasPostgres, hasRedis, startPostgres, startRedis, type TestServer} from './setup/servers';

/** So many samples that a search takes longer than what happens to it. */
const env = {SAMPLES: '3200'};
const args: DriverArgs = {goal: {maxDrop: 0.1, budget: {epochs: 24}}};

/** A trial that no worker survives: each one of more zeros than that. */
const poison = {...env, POISON: 'crash', ABOVE: '0.85'};
const poisoned = {...args, data: 'poisoned.mjs'};

const times = (count: number, fault: Fault) => Array<Fault>(count).fill(fault);

/** What happens, how often in all, and to a search. */
const SCENARIOS: ReadonlyArray<[string, number, readonly Fault[], Disturbed]> = [
  ['a worker is killed', 20, times(5, 'worker killed'), {pauses: [1500, 5000]}],
  ['the driver is killed', 5, times(2, 'driver killed'), {pauses: [1000, 5000]}],
  ['the server is started anew', 2, ['server restarted'], {pauses: [500, 3000]}],
  ['a worker freezes while two drivers search', 2, ['worker frozen'], {drivers: 2}],
];

let searches = 0;
let faults = 0;

ensureBuilt();
const alone = decided((await drive(args, env).end)!);
const withPoison = decided((await drive({...poisoned, workers: 2}, poison).end)!);
report('a trial that always crashes is reported', hasFailure(withPoison), '');
for (const [name, isThere, start] of [
  ['Redis', hasRedis, startRedis],
  ['PostgreSQL', hasPostgres, startPostgres],
] as const) {
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
  for (const [what, most, each, how] of SCENARIOS) {
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
  const search = `search-${++searches}`;
  const how = {env: poison, data: 'poisoned.mjs'};
  const {printed} = await searchThrough(server, search, poisoned, [], how);
  const isSame = isDeepStrictEqual(decided(printed[0]), withPoison);
  report(`${kind}, a trial that always crashes: the same end`, isSame, search);
}

function report(what: string, holds: boolean, detail: string): void {
  faults += Number(!holds);
  console.log(`${holds ? 'yes' : 'NO '} ${what}${detail && ` (${detail})`}`);
}

function hasFailure({report: found}: Pick<Printed, 'report'>): boolean {
  return found!.trials.some(({failed}) => failed !== undefined);
}
