import {queue, type QueueArgs} from '../../lib/queue';
import {searchThrough, doneTwice} from './setup/faults';
import {at, decided, drive, ensureBuilt, type Printed, work} from './setup/processes';
import {hasPostgres, hasRedis, startPostgres, startRedis, type TestServer} from './setup/servers';

jest.setTimeout(300_000);

const goal = {sparsity: 0.8, budget: {epochs: 6}};
let alone: Printed;
let search = 0;

beforeAll(async () => {
  ensureBuilt();
  alone = (await drive({goal}).end)!;
});

const SERVERS = [
  ['Redis', hasRedis, startRedis],
  ['PostgreSQL', hasPostgres, startPostgres],
] as const;

it('has both servers where all tests must run', () => {
  expect(!process.env.CI || (hasRedis && hasPostgres)).toBe(true);
});

describe.each(SERVERS.filter(([, isThere]) => isThere))('by a queue in %s', (kind, _, start) => {
  let server: TestServer;
  beforeAll(async () => (server = await start()));
  afterAll(() => server.stop());

  it.each<[string, Parameters<typeof searchThrough>[3]]>([
    ['workers and the driver are killed', {workerKills: 2, driverKills: 1}],
    ['the server is started anew', {restarts: 1}],
    ['a worker freezes while two drivers search', {freezes: 1, drivers: 2}],
  ])('a search comes to the same where %s', async (_what, faults) => {
    const name = `search-${++search}`;
    const {printed, lines} = await searchThrough(server, name, {goal}, faults);
    printed.forEach((each) => expect(decided(each)).toEqual(decided(alone)));
    // A server that is away may cost a worker what it has just done.
    expect(faults.restarts ? [] : doneTwice(lines)).toEqual([]);
  });

  it('a worker with other data refuses, and what it gives back others do', async () => {
    const name = `search-${++search}`;
    const {end} = drive({goal, queue: server.url, name});
    const other = work(server.url, name, 'other_data.mjs', {}, '--model', at('no_model'));
    expect(await other.ended).toBe(2);
    expect(other.lines.filter((line) => line.startsWith('error:'))).toHaveLength(1);
    const wrong = work(server.url, name, 'data_and_model.mjs', {SEED: '5'});
    expect(await wrong.ended).toBe(2);
    expect(wrong.lines.join()).toContain("expected the driver's validation");
    const right = work(server.url, name, 'data_and_model.mjs');
    expect(decided((await end)!)).toEqual(decided(alone));
    right.signal('SIGTERM');
    expect(await right.ended).toBe(0);
  });

  it('a wrong password, or no server, is one line and exit code 2', async () => {
    const wrong =
      kind === 'Redis'
        ? server.url.replace('secret', 'wrong')
        : server.url.replace('//postgres@', '//nobody@');
    for (const url of [wrong, server.url.replace(/:\d+/, ':1')]) {
      const worker = work(url, 'x', 'data_and_model.mjs');
      expect(await worker.ended).toBe(2);
      expect(worker.lines).toHaveLength(1);
      expect(worker.lines[0]).toMatch(/^error: queue: expected a server at/);
      expect(worker.lines[0]).not.toContain('wrong');
    }
  });
});

it.each<[string, Partial<QueueArgs>, string]>([
  ['no server', {url: undefined}, 'url'],
  ['a name with a colon', {name: 'a:b'}, 'name'],
  ['another option', {port: 1} as object, 'port'],
])('refuses %s', (_, change, expected) => {
  expect(() => queue({url: 'redis://localhost', ...change} as QueueArgs)).toThrow(expected);
});

it('refuses an address that is none', async () => {
  const opened = queue({url: 'http://localhost'}).open({} as never);
  await expect(opened).rejects.toThrow('redis://…, rediss://… or postgres://…');
});
