/**
 * `npm run test:fuzz:masks -- [first seed] [number of seeds]`: as many random
 * programs, on `TFJS_BACKEND` or wasm.
 */
import {startBackend} from '../setup/start_backend';
import {runProgram} from './random_program';

async function main(): Promise<void> {
  const [first = 1, count = 300] = process.argv.slice(2).map(Number);
  await startBackend();
  // Schedules that do not fit two epochs are part of it.
  console.warn = () => {};
  let failures = 0;
  for (let seed = first; seed < first + count; seed++) {
    try {
      await runProgram(seed);
    } catch (error) {
      failures += 1;
      console.log((error as Error).message);
    }
  }
  console.log(`programs ${first} to ${first + count - 1}: ${failures} failures`);
  process.exitCode = failures > 0 ? 1 : 0;
}

void main();
