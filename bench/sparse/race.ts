import {clock, subtract} from '../clock';
import {median} from '../result';

/** How long the runs of one turn take, in ms of CPU time. */
const TURN_MS = 8;
/** Enough for the engine's last stage of compilation, which depends on time and on calls. */
const WARM_UP_MS = 150;
const FEWEST_WARM_UPS = 20;

/** What is measured: `run`, again and again, after `before` at the start of each turn. */
export interface Runner {
  before?(): void;
  run(): void;
}

/**
 * Runs each in turns, so that what else the machine does meets all of them.
 *
 * @returns For each the median of its CPU time in ms, and that of the first one's time by
 *   its own in the same turn.
 */
export function race(
  runners: Readonly<Record<string, Runner>>,
  rounds: number,
): Record<string, {ms: number; times: number}> {
  const entries = Object.entries(runners).map(([name, {before = () => {}, run}]) => {
    before();
    const repeats = Math.max(1, Math.round(TURN_MS / warmUp(run)));
    return {name, before, run, repeats, turns: [] as number[]};
  });
  for (let round = 0; round < rounds; ++round) {
    for (const {before, run, repeats, turns} of entries) {
      before();
      const start = clock();
      for (let i = 0; i < repeats; ++i) {
        run();
      }
      turns.push(subtract(clock(), start).cpu / repeats);
    }
  }
  const [first] = entries;
  return Object.fromEntries(
    entries.map(({name, turns}) => [
      name,
      {ms: median(turns), times: median(turns.map((ms, i) => first.turns[i] / ms))},
    ]),
  );
}

/** Milliseconds of CPU time of one run, once it is compiled. */
function warmUp(run: () => void): number {
  const started = clock();
  for (
    let runs = 0;
    runs < FEWEST_WARM_UPS || subtract(clock(), started).cpu < WARM_UP_MS;
    ++runs
  ) {
    run();
  }
  const start = clock();
  run();
  run();
  return Math.max(0.001, subtract(clock(), start).cpu / 2);
}
