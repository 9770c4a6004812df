import {execFile} from 'node:child_process';
import {promisify} from 'node:util';

import {queue, type QueueArgs} from '../../../lib/queue';
import {at} from '../setup/processes';
import {hasPostgres, hasRedis} from '../setup/servers';

const KINDS = [...(hasRedis ? ['Redis'] : []), ...(hasPostgres ? ['PostgreSQL'] : [])];

describe.each(KINDS)('a queue in %s', (kind) => {
  let scenes: Record<string, unknown>;
  beforeAll(async () => {
    const args = ['--import', 'tsx', at('queue_scenes.ts'), kind];
    const {stdout} = await promisify(execFile)(process.execPath, args, {timeout: 100_000});
    scenes = JSON.parse(stdout) as typeof scenes;
  });

  it('takes tasks that were added while its server was away', () => {
    expect(scenes.addedWhileAway).toEqual({metrics: [1, 2, 3], done: [1, 2, 3]});
  });

  it('loses no task to a server that is started anew', () => {
    expect(scenes.restarted).toEqual({metrics: [1, 2, 3]});
  });

  it('ends although its server is gone for good', () => {
    expect(scenes.goneForGood).toEqual({metrics: ['canceled', 'canceled']});
  });

  it('tries again what has failed in another search', () => {
    expect(scenes.oldFailure).toEqual({before: ['no memory'], after: [1]});
  });

  it('has a task done again whose result its server refuses', () => {
    // Redis refuses none.
    const refused = {metrics: [1], done: [1, 1]};
    expect(scenes.refusedOnce).toEqual(kind === 'PostgreSQL' ? refused : undefined);
  });

  it('keeps a result that a search has given up', () => {
    expect(scenes.keptResult).toEqual({before: [1], after: [1], done: [1]});
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

it.each([
  ['http://user:secret@localhost/0', 'http://…@localhost/0'],
  ['redis://user:secr/et@localhost', 'redis://…@localhost'],
  ['http://user:secr@et@localhost', 'http://…@localhost'],
  ['user:secret@localhost:6379', '…@localhost:6379'],
  ['http://localhost/0?password=secret', 'http://localhost/0?…'],
])('shows %s without what nobody should read', async (url, shown) => {
  const opened = queue({url}).open({} as never);
  await expect(opened).rejects.toThrow(`but got '${shown}'`);
});

it('does not show a password that holds an @ where no server answers', async () => {
  const opened = queue({url: 'redis://user:secr@et@localhost:1'}).open({} as never);
  await expect(opened).rejects.toThrow('a server at redis://…@localhost:1,');
});
