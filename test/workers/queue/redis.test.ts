import {queue} from '../../../lib/queue';
import {work} from '../setup/processes';
import {testSearches} from '../setup/queue_searches';
import {hasRedis, startRedis} from '../setup/servers';

describe.each(hasRedis ? ['Redis'] : [])('by a queue in %s', () => {
  testSearches(startRedis, (url) => url.replace('secret', 'wrong'));

  it('a worker of another version refuses in one line', async () => {
    const server = await startRedis();
    const settings = {version: '0.0.1', backend: 'wasm'};
    const crew = await queue({url: server.url}).open({model: null as never, settings});
    const task = {layer: 'a', sparsity: 0, scoring: {}} as const;
    crew.run([{kind: 'layer', granularity: 'weight', ...task}], () => {});
    const worker = work(server.url, 'tfjs-prune', 'data_and_model.mjs');
    const status = await worker.ended;
    await crew.close();
    await server.stop();
    const errors = worker.lines.filter((line) => line.startsWith('error:'));
    const message = `expected the driver's version "0.0.1"`;
    expect([status, errors]).toEqual([2, [expect.stringContaining(message)]]);
  });
});

it('has a server where all tests must run', () => {
  expect(!process.env.CI || hasRedis).toBe(true);
});
