import {testSearches} from '../setup/queue_searches';
import {hasPostgres, startPostgres} from '../setup/servers';

describe.each(hasPostgres ? ['PostgreSQL'] : [])('by a queue in %s', () => {
  testSearches(startPostgres, (url) => url.replace('//postgres@', '//nobody@'));
});

it('has a server where all tests must run', () => {
  expect(!process.env.CI || hasPostgres).toBe(true);
});
