/**
 * `npm run test:fuzz:shrink -- [first seed] [number of seeds]`: as many random models,
 * each shrunk and compared with itself, on `TFJS_BACKEND` or wasm.
 */
import {startBackend} from '../setup/start_backend';
import {fuzzOnce} from './fuzz_once';

async function main(): Promise<void> {
  const [first = 1, count = 1000] = process.argv.slice(2).map(Number);
  await startBackend();
  const failures: string[] = [];
  const tally = new Map<string, number>();
  const add = (key: string, by = 1) => tally.set(key, (tally.get(key) ?? 0) + by);
  for (let seed = first; seed < first + count; seed++) {
    try {
      const outcome = await fuzzOnce(seed);
      if (outcome === undefined) {
        add('models that tfjs cannot run');
        continue;
      }
      const {error, removed, kept, layers, leaked, reasons, classes} = outcome;
      add('models');
      add('models with channels removed', removed > 0 ? 1 : 0);
      add('models with channels kept', kept > 0 ? 1 : 0);
      add('channels removed', removed);
      add('channels kept', kept);
      add('models with layers left out', layers > 0 ? 1 : 0);
      add('layers left out', layers);
      reasons.forEach((reason) =>
        add(`kept: ${reason.replace(/'[^']*'/g, "'…'").replace(/-?\d[\d.e-]*/g, 'n')}`),
      );
      new Set(classes).forEach((name) => add(`class ${name}`));
      if (error > 1e-5 || leaked !== 0) {
        failures.push(`seed ${seed}: error ${error}, ${leaked} tensors leaked`);
        console.log(failures[failures.length - 1]);
      }
    } catch (error) {
      failures.push(`seed ${seed}: ${(error as Error).stack?.split('\n').slice(0, 6).join('\n')}`);
      console.log(failures[failures.length - 1]);
    }
  }
  [...tally]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .forEach(([key, value]) => console.log(`${value} ${key}`));
  console.log(`seeds ${first} to ${first + count - 1}: ${failures.length} failures`);
  process.exitCode = failures.length > 0 ? 1 : 0;
}

void main();
