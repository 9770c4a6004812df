import {execFileSync, spawn} from 'node:child_process';
import {existsSync, mkdtempSync, rmSync} from 'node:fs';
import {createServer, type AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {until} from './processes';

/** A database server of this test. */
export interface TestServer {
  url: string;
  /** Ends it as a machine that goes down. */
  down(): Promise<void>;
  /** Starts it again. */
  up(): Promise<void>;
  /** Both, one after the other. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const REDIS = '/usr/bin/redis-server';
const POSTGRES = ['15', '16', '17'].map((version) => `/usr/lib/postgresql/${version}/bin`);
const postgresFolder = POSTGRES.find((folder) => existsSync(folder));

export const hasRedis = existsSync(REDIS);
export const hasPostgres = postgresFolder !== undefined;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const {port} = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function serverOf(
  command: string,
  args: string[],
  uid: number | undefined,
  folder: string,
  isUp: () => boolean,
  url: string,
): Promise<TestServer> {
  const start = () => spawn(command, args, {stdio: 'ignore', uid});
  let server = start();
  const end = async (signal: NodeJS.Signals) => {
    const ended = new Promise((resolve) => server.on('exit', resolve));
    server.kill(signal);
    await ended;
  };
  // For PostgreSQL the signal that does not wait for its clients.
  const down = () => end('SIGINT');
  const up = async () => {
    server = start();
    await until(isUp);
  };
  await until(isUp);
  return {
    url,
    down,
    up,
    async restart() {
      await down();
      await up();
    },
    async stop() {
      await end('SIGKILL');
      rmSync(folder, {recursive: true, force: true, maxRetries: 5});
    },
  };
}

const succeeds = (command: string, ...args: string[]) => {
  try {
    execFileSync(command, args, {stdio: 'ignore'});
    return true;
  } catch {
    return false;
  }
};

/** Redis that keeps what it has on disk, behind a password. */
export async function startRedis(): Promise<TestServer> {
  const [port, folder] = [await freePort(), mkdtempSync(join(tmpdir(), 'redis-'))];
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder];
  args.push('--appendonly', 'yes', '--requirepass', 'secret');
  const isUp = () => succeeds('redis-cli', '-p', `${port}`, '-a', 'secret', '-e', 'ping');
  return serverOf(REDIS, args, undefined, folder, isUp, `redis://:secret@127.0.0.1:${port}`);
}

/** PostgreSQL, which does not run as root. */
export async function startPostgres(): Promise<TestServer> {
  const [port, folder] = [await freePort(), mkdtempSync(join(tmpdir(), 'postgres-'))];
  const isRoot = process.getuid!() === 0;
  const uid = isRoot
    ? Number(execFileSync('id', ['-u', 'postgres'], {encoding: 'utf8'}))
    : undefined;
  if (isRoot) {
    execFileSync('chown', ['postgres', folder]);
  }
  const own = {stdio: 'ignore', uid} as const;
  execFileSync(
    join(postgresFolder!, 'initdb'),
    ['-D', folder, '-A', 'trust', '-U', 'postgres'],
    own,
  );
  const args = ['-D', folder, '-p', `${port}`, '-k', folder, '-c', 'listen_addresses=127.0.0.1'];
  // Two for each worker, and 64 of these are more than there are by default.
  args.push('-c', 'max_connections=300');
  const isUp = () =>
    succeeds(join(postgresFolder!, 'pg_isready'), '-h', '127.0.0.1', '-p', `${port}`);
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  return serverOf(join(postgresFolder!, 'postgres'), args, uid, folder, isUp, url);
}
