import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {existsSync} from 'node:fs';
import {join} from 'node:path';

// Tests and benchmarks run in the root of the checkout.
const root = process.cwd();
export const at = (name: string) => join(root, 'test/workers/setup', name);

/** What the package is; `npm run build` makes it. */
export function ensureBuilt(): void {
  if (!existsSync(join(root, 'dist/cjs/worker.cjs'))) {
    execFileSync('npm', ['run', 'build', '--silent'], {cwd: root});
  }
}

/** What `setup/driver.mjs` does. */
export interface DriverArgs {
  workers?: number;
  data?: string;
  limits?: {megabytes?: number; seconds?: number; silence?: number};
  queue?: string;
  name?: string;
  journal?: string;
  goal?: object;
  scan?: boolean;
}

/** What a driver prints. */
export interface Printed {
  report?: {trials: Array<{failed?: string; seconds: number}>; ahead: unknown[]};
  weights?: number[][];
  result?: unknown;
  error?: {name: string; message: string};
}

type Env = Record<string, string>;

/** A search in a process of its own. */
export function drive(
  args: DriverArgs,
  env: Env = {},
): {process: ChildProcess; end: Promise<Printed | null>} {
  const backend = process.env.TFJS_BACKEND ?? 'wasm';
  const child = spawn(process.execPath, [at('driver.mjs')], {
    cwd: root,
    env: {...process.env, ...env, ARGS: JSON.stringify({backend, ...args})},
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let text = '';
  child.stdout!.on('data', (part: Buffer) => (text += part.toString()));
  const end = new Promise<Printed | null>((resolve) => {
    child.on('close', () => resolve(text ? (JSON.parse(text) as Printed) : null));
  });
  return {process: child, end};
}

/** Seconds after which a frozen worker of these tests loses its trial. */
export const LOCK = 3;

/** `tfjs-prune worker`, in a group of processes of its own. */
export function work(url: string, name: string, data: string, env: Env = {}, ...more: string[]) {
  const args = ['--queue', url, '--name', name, '--data', at(data), '--lock', `${LOCK}`, ...more];
  const child = spawn(process.execPath, [join(root, 'dist/cjs/cli.cjs'), 'worker', ...args], {
    cwd: root,
    env: {...process.env, ...env},
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const lines: string[] = [];
  const note = (part: Buffer) => void lines.push(...part.toString().split('\n').filter(Boolean));
  child.stdout!.on('data', note);
  child.stderr!.on('data', note);
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  /** To it and its processes, if they are there. */
  const signal = (what: NodeJS.Signals) => {
    try {
      process.kill(-child.pid!, what);
    } catch {
      // They have ended.
    }
  };
  return {process: child, lines, ended, signal};
}

/** The command line, in a process of its own. */
export async function runCommand(...args: string[]) {
  const child = spawn(process.execPath, [join(root, 'dist/cjs/cli.cjs'), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (part: Buffer) => (stdout += part.toString()));
  child.stderr.on('data', (part: Buffer) => (stderr += part.toString()));
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return {status, stdout, errors: stderr.split('\n').filter(Boolean)};
}

/** What a search decides, without the time that it took and what idle workers did. */
export function decided({report, weights}: Printed) {
  const trials = report!.trials.map((trial) => ({...trial, seconds: 0}));
  return {report: {...report, trials, ahead: []}, weights};
}

/** The processes that a process has started. */
export function childrenOf(pid: number): number[] {
  try {
    const text = execFileSync('pgrep', ['-P', String(pid)], {encoding: 'utf8'});
    return text.split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Resolves when `holds` does. */
export async function until(holds: () => boolean | Promise<boolean>, seconds = 120): Promise<void> {
  for (const end = Date.now() + 1000 * seconds; !(await holds());) {
    if (Date.now() > end) {
      throw new Error(`${holds} does not hold after ${seconds} s`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
