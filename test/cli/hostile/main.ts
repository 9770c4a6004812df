/**
 * `npm run test:hostile -- [count] [first seed]`: as many damaged models, packed files, data,
 * recipes and journals, each given to a command. None may end in anything but an exit code and
 * one line, take more than half a minute, or more memory than 4 times its files and 64 MB.
 */
import {fork} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import type {Attempt} from './attempt';

/** So long may a command take, also where the machine is busy. */
const HANG_MS = 30_000;
/** And so long may it take until the first one is done. */
const START_MS = 180_000;
/** Attempts in a process: what a command that fails has not freed adds up. */
const TURN = 200;

interface Report extends Partial<Attempt> {
  seed: number;
}

async function main(): Promise<void> {
  const [count = 10_000, first = 1] = process.argv.slice(2).map(Number);
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-hostile-'));
  const faults: Report[] = [];
  const tally = new Map<string, number>();
  const note = (report: Report) => {
    const key = `${report.command ?? 'no answer'}: ${report.status ?? 'none'}`;
    tally.set(key, (tally.get(key) ?? 0) + 1);
    if (report.unforeseen !== undefined && process.env.VERBOSE) {
      console.log(`${report.seed} ${report.command} ${report.unforeseen}`);
    }
    if (report.fault !== undefined) {
      faults.push(report);
      console.log(JSON.stringify(report));
    }
  };
  const end = first + count;
  for (let seed = first; seed < end;) {
    seed = await turn(folder, seed, Math.min(seed + TURN, end), note);
  }
  rmSync(folder, {recursive: true, force: true});
  [...tally].sort().forEach(([key, times]) => console.log(`${times} ${key}`));
  console.log(`seeds ${first} to ${end - 1}: ${faults.length} faults`);
  process.exitCode = faults.length > 0 ? 1 : 0;
}

/** Attempts in a process of their own. Gives the seed to go on with. */
function turn(
  folder: string,
  first: number,
  end: number,
  note: (report: Report) => void,
): Promise<number> {
  const child = fork(join(import.meta.dirname, 'turn.ts'), [folder, `${first}`, `${end}`], {
    execArgv: ['--import', 'tsx', '--max-old-space-size=1024'],
    stdio: ['ignore', 'inherit', 'ignore', 'ipc'],
  });
  let seed = first;
  let timer: NodeJS.Timeout;
  let isHanging = false;
  const wait = (milliseconds: number) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      isHanging = true;
      child.kill('SIGKILL');
    }, milliseconds);
  };
  wait(START_MS);
  return new Promise((resolve) => {
    child.on('message', (report: Report) => {
      note(report);
      seed = report.seed + 1;
      wait(HANG_MS);
    });
    child.on('exit', (code) => {
      clearTimeout(timer);
      if (code !== 0 && seed < end) {
        note({seed, fault: isHanging ? `more than ${HANG_MS / 1000} s` : `died: ${code}`});
        ++seed;
      }
      resolve(seed);
    });
  });
}

void main();
