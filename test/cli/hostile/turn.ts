/** Run by main.ts: attempts of some seeds, each reported to it. */
import {mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import {join} from 'node:path';

import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import {add, ready, setBackend} from '@tensorflow/tfjs-core';

import {attempt} from './attempt';
import {watchMemory} from './memory';
import {writeOriginals} from './originals';

const MOST_BYTES = 64 * 2 ** 20;
/** Seeds to run first, so that what is loaded once counts for none. */
const WARM_UP = 25;

async function main(): Promise<void> {
  const [folder, first, end] = process.argv.slice(2);
  const own = mkdtempSync(join(folder, 'turn-'));
  const memory = watchMemory();
  process.on('unhandledRejection', (error) => {
    process.send!({seed: Number(first), fault: `unhandled: ${(error as Error).stack}`});
    process.exit(0);
  });
  await setBackend('wasm');
  await ready();
  mkdirSync(join(own, 'originals'));
  const originals = await writeOriginals(join(own, 'originals'));
  for (let seed = 1; seed <= WARM_UP; ++seed) {
    await attempt(originals, own, seed);
  }
  for (let seed = Number(first); seed < Number(end); ++seed) {
    memory.start();
    const report = await attempt(originals, own, seed, memory.start);
    const taken = memory.largest();
    const limit = 4 * report.fileBytes + MOST_BYTES;
    const fault = taken > limit ? `took ${taken} bytes of ${limit}` : undefined;
    process.send!({seed, ...report, fault: report.fault ?? fault});
    if (!(await isWhole())) {
      break;
    }
  }
  rmSync(own, {recursive: true, force: true});
  process.exit(0);
}

/** Whether the backend still computes: WebAssembly that has failed does not. */
async function isWhole(): Promise<boolean> {
  try {
    await setBackend('wasm');
    return (await add(1, 2).data())[0] === 3;
  } catch {
    return false;
  }
}

void main();
