import {testSearches} from '../setup/queue_searches';
import {hasRedis, startRedis} from '../setup/servers';

describe.each(hasRedis ? ['Redis'] : [])('by a queue in %s', () => {
  testSearches(startRedis, (url) => url.replace('secret', 'wrong'));
});

it('has a server where all tests must run', () => {
  expect(!process.env.CI || hasRedis).toBe(true);
});
