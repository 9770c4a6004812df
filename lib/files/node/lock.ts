import {link, open, readFile, rename, rm, stat, utimes} from 'node:fs/promises';
import {hostname} from 'node:os';
import {threadId} from 'node:worker_threads';

import {check} from '../../base/check';
import {fileError} from './file_error';
import {LOCK, stagedPath} from './staging';

/** Who holds a lock. */
interface Holder {
  host: string;
  pid: number;
  thread: number;
  /** When the process was started, in ms: numbers of processes are used again. */
  started: number;
  /** What is locked: a folder may be copied with the locks in it. */
  target: string;
}

/** A holder says so often that it is alive. */
const BEAT_MS = 5_000;
/** Where its process can't be looked at, it is dead after so long without a word. */
const DEAD_MS = 60_000;
/** A process of that number is another one after so long without a word. */
const OTHER_MS = 600_000;
/** A lock that says nothing was being written when its process was killed. */
const UNWRITTEN_MS = 2_000;
/** The clock may be set while a process runs. */
const START_TOLERANCE_MS = 2_000;

/** The locks that this thread holds, whichever copy of the library. */
const HELD = Symbol.for('tfjs-prune.locks');

/**
 * Runs `task` while no other process writes `target`, which would mix what both write.
 * A lock that a killed process has left does not count.
 *
 * @throws PruningError where another process does; `task` is not run.
 */
export async function withLock<T>(target: string, task: () => Promise<T>): Promise<T> {
  const path = target + LOCK;
  await acquire(path, target);
  const held = heldLocks().add(path);
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, BEAT_MS).unref();
  try {
    return await task();
  } finally {
    clearInterval(beat);
    held.delete(path);
    await rm(path, {force: true}).catch(() => {});
  }
}

async function acquire(path: string, target: string): Promise<void> {
  const own = JSON.stringify(self(target));
  while (!(await create(path, own, target))) {
    const text = await readFile(path, 'utf8').catch(() => null);
    if (text === null) {
      continue; // Released meanwhile.
    }
    const received = `${describe(text)}; if it is gone, delete ${path}`;
    check(await isDead(path, text, target), target, 'no other process that writes it', received);
    await removeDead(path, text);
  }
}

/**
 * Whether the lock could be made: it's not there yet. It appears with what it says, by a hard
 * link, so that a process that is killed meanwhile leaves none that says nothing.
 */
async function create(path: string, text: string, target: string): Promise<boolean> {
  const staged = stagedPath(path);
  try {
    // Before it is there, no other process can have swept it: the folder itself is missing.
    await writeNew(staged, text).catch(fileError(target, 'a file that can be written'));
    await link(staged, path).catch(async (error: NodeJS.ErrnoException) => {
      // Where hard links don't exist.
      await (['EEXIST', 'ENOENT'].includes(error.code!)
        ? Promise.reject(error)
        : writeNew(path, text));
    });
    return true;
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    // Another process holds it; the staged one goes when that process sweeps.
    if (code === 'EEXIST' || code === 'ENOENT') {
      return false;
    }
    return fileError(target, 'a file that can be written')(error);
  } finally {
    await rm(staged, {force: true}).catch(() => {});
  }
}

async function writeNew(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.write(text);
  } finally {
    await file.close();
  }
}

/** Removes a dead lock, but none that another process has put in its place meanwhile. */
async function removeDead(path: string, text: string): Promise<void> {
  const aside = stagedPath(path);
  try {
    await rename(path, aside);
    if ((await readFile(aside, 'utf8')) !== text) {
      await rename(aside, path);
    }
    await rm(aside, {force: true});
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      fileError(path, 'a lock that can be removed')(error);
    }
  }
}

async function isDead(path: string, text: string, target: string): Promise<boolean> {
  const holder = parse(text);
  const own = self(target);
  const silence = await stat(path).then(
    ({mtimeMs}) => Date.now() - mtimeMs,
    () => Infinity,
  );
  if (holder === undefined) {
    return silence > UNWRITTEN_MS;
  }
  if (holder.target !== target) {
    return true;
  }
  if (holder.host !== own.host) {
    return silence > DEAD_MS;
  }
  if (holder.pid !== own.pid) {
    return !isRunning(holder.pid) || silence > OTHER_MS;
  }
  if (Math.abs(holder.started - own.started) > START_TOLERANCE_MS) {
    return true;
  }
  return holder.thread === own.thread ? !heldLocks().has(path) : silence > DEAD_MS;
}

function self(target: string): Holder {
  const started = Math.round(Date.now() - 1000 * process.uptime());
  return {host: hostname(), pid: process.pid, thread: threadId, started, target};
}

/** `undefined` for what is no lock, or not written yet. */
function parse(text: string): Holder | undefined {
  try {
    const holder = JSON.parse(text) as Partial<Holder> | null;
    return typeof holder?.pid === 'number' ? (holder as Holder) : undefined;
  } catch {
    return undefined;
  }
}

function describe(text: string): string {
  const holder = parse(text);
  return holder ? `process ${holder.pid} on ${holder.host}` : 'another';
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // One of another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function heldLocks(): Set<string> {
  const shared = globalThis as {[HELD]?: Set<string>};
  return (shared[HELD] ??= new Set());
}
