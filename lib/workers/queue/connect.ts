import {setTimeout} from 'node:timers/promises';

import type * as Bull from 'bullmq';

import {check} from '../../base/check';
import {PruningError} from '../../base/errors';

/** What a connection is made of. */
export interface Server {
  bull: typeof Bull;
  connection: never;
  /** For PostgreSQL; Redis is what BullMQ does by itself. */
  factory: undefined;
}

/**
 * Commits do not wait for the disk: those that notify do so one after the other, and many workers
 * end at once. What the server loses where its machine goes down, the last half second or so, is
 * added and done again.
 */
const POSTGRES_OPTIONS = '-c synchronous_commit=off';

const POSTGRES = /^postgres(ql)?:$/;

/** Milliseconds until a server that says nothing counts as none. */
const PATIENCE = 15_000;

/** Milliseconds for connections to close in good order. */
const CLOSING = 5000;

/**
 * How the server at `url` is reached: `redis://`, `rediss://` with TLS, `postgres://`, each with
 * the credentials in it. Whoever makes something of it connects again as often as need be;
 * therefore it is tried first.
 *
 * @throws PruningError for another URL, where BullMQ is not installed, and where there is no
 *   server, or it does not let this process in.
 */
export async function serverAt(url: string): Promise<Server> {
  const {protocol} = URL.canParse(url) ? new URL(url) : {protocol: ''};
  const isPostgres = POSTGRES.test(protocol);
  const isRedis = /^rediss?:$/.test(protocol);
  check(isPostgres || isRedis, 'queue', 'redis://…, rediss://… or postgres://…', hidden(url));
  const bull = await installed('bullmq', import('bullmq'));
  try {
    await tried(url);
  } catch (cause) {
    if (cause instanceof PruningError) {
      throw cause;
    }
    const {message, code} = cause as Error & {code?: string};
    throw new PruningError('queue', `a server at ${hidden(url)}`, message || code, {cause});
  }
  return {
    bull,
    connection: (isPostgres
      ? {connectionString: url, migrate: true, options: POSTGRES_OPTIONS}
      : {url, maxRetriesPerRequest: null}) as never,
    factory: (isPostgres ? bull.createPostgresBackend : undefined) as never,
  };
}

/** Rejects where there is no server, or it does not let this process in. */
function tried(url: string): Promise<void> {
  return POSTGRES.test(new URL(url).protocol) ? tryPostgres(url) : tryRedis(url);
}

async function tryRedis(url: string): Promise<void> {
  const {Redis} = await installed('ioredis', import('ioredis'));
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: PATIENCE,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  const reasons: Error[] = [];
  client.on('error', (error) => reasons.push(error));
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    // That the connection is closed says less than why.
    throw reasons[0] ?? error;
  } finally {
    client.disconnect();
  }
  // A wrong password may leave a server that answers.
  if (reasons.length > 0) {
    throw reasons[0];
  }
}

async function tryPostgres(url: string): Promise<void> {
  const {default: pg} = await installed('pg', import('pg'));
  const client = new pg.Client({connectionString: url, connectionTimeoutMillis: PATIENCE});
  client.on('error', () => {});
  await client.connect();
  await client.end();
}

async function installed<T>(name: string, module: Promise<T>): Promise<T> {
  return module.catch((cause: unknown) => {
    const expected = `${name} to be installed (npm install ${name})`;
    throw new PruningError('queue', expected, (cause as Error).message.split('\n')[0], {cause});
  });
}

/** Something of BullMQ that has connections, and tells of each that is lost. */
interface Connected {
  on(event: 'error', listener: (error: Error) => void): unknown;
  waitUntilReady(): Promise<unknown>;
}

/** `made`, once it is connected. What happens to its connection then is its own affair. */
export async function connected<T extends Connected>(made: T): Promise<T> {
  made.on('error', () => {});
  await made.waitUntilReady();
  return made;
}

/** Something of BullMQ that can be closed, or cut off: a worker by force, others by `disconnect`. */
interface Closable {
  close(force?: boolean): Promise<unknown>;
  disconnect(): Promise<unknown>;
}

/**
 * Does `last`, closes all, and cuts off what the server does not let close: one that is away for
 * good would keep this process waiting, and connecting, for ever.
 */
export async function closed(
  url: string,
  all: readonly Closable[],
  last: () => Promise<unknown> = async () => {},
): Promise<void> {
  const done = last();
  const isThere = await tried(url).then(
    () => true,
    () => false,
  );
  const orderly = async () => {
    await done;
    await Promise.all(all.map((each) => each.close()));
    return true;
  };
  if (!isThere || !(await inTime(orderly()))) {
    await inTime(Promise.allSettled(all.flatMap((each) => [each.close(true), each.disconnect()])));
  }
}

/** What `work` comes to, or nothing where it takes too long. */
async function inTime<T>(work: Promise<T>): Promise<T | undefined> {
  const timeout = new AbortController();
  const late = setTimeout(CLOSING, undefined, timeout).catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    timeout.abort();
  }
}

/**
 * The URL without what nobody should read. A password may hold `@`, `/` and `?` where it is not
 * encoded, stand without a scheme before it, or be an option.
 */
function hidden(url: string): string {
  return url.replace(/^(\w+:\/\/)?.*@/s, '$1…@').replace(/\?.*/s, '?…');
}
