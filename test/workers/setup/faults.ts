import {drive, LOCK, until, work, type DriverArgs, type Printed} from './processes';
import type {TestServer} from './servers';

/** How often what goes wrong. */
export interface Faults {
  workerKills?: number;
  driverKills?: number;
  restarts?: number;
  freezes?: number;
  drivers?: number;
}

type Worker = ReturnType<typeof work>;

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Where and how a search is disturbed. */
export interface Disturbed {
  env?: Record<string, string>;
  /** Of workers. */
  data?: string;
  /** Milliseconds between two faults, at least and at most. */
  pauses?: readonly [number, number];
}

/**
 * A search by a queue in which all of `faults` happen, at random moments: what each driver prints,
 * and how many of the faults have happened before the end.
 */
export async function searchThrough(
  server: TestServer,
  name: string,
  args: DriverArgs,
  {workerKills = 0, driverKills = 0, restarts = 0, freezes = 0, drivers = 1}: Faults,
  {env = {}, data = 'data_and_model.mjs', pauses = [500, 3000]}: Disturbed = {},
): Promise<{printed: Printed[]; lines: string[]; happened: number}> {
  const all: Worker[] = [];
  const hire = () => {
    const worker = work(server.url, name, data, env);
    all.push(worker);
    return worker;
  };
  const staff = [hire(), hire()];
  const start = () => drive({...args, queue: server.url, name}, env);
  const searches = Array.from({length: drivers}, start);
  const ends = [
    ...Array<() => Promise<void>>(workerKills).fill(async () => {
      const place = Math.floor(2 * Math.random());
      staff[place].signal('SIGKILL');
      staff[place] = hire();
    }),
    ...Array<() => Promise<void>>(driverKills).fill(async () => {
      searches[0].process.kill('SIGKILL');
      await searches[0].end;
      searches[0] = start();
    }),
    ...Array<() => Promise<void>>(restarts).fill(() => server.restart()),
    ...Array<() => Promise<void>>(freezes).fill(async () => {
      const [worker] = staff;
      worker.signal('SIGSTOP');
      // Longer than the lock, so that another one takes its trial.
      await pause(1000 * LOCK + 4000);
      worker.signal('SIGCONT');
    }),
  ].sort(() => Math.random() - 0.5);
  const begun = () => all.some(({lines}) => lines.some((line) => line.endsWith('begins.')));
  await until(begun);
  const isOver = () => searches.every(({process: {exitCode}}) => exitCode !== null);
  let happened = 0;
  for (const happen of ends) {
    await pause(pauses[0] + (pauses[1] - pauses[0]) * Math.random());
    happened += Number(!isOver());
    await happen();
  }
  const printed = await Promise.all(searches.map(({end}) => end));
  staff.forEach(({signal}) => signal('SIGTERM'));
  const lines = all.flatMap((worker) => worker.lines);
  await Promise.all(all.map(({ended}) => ended));
  return {printed: printed.map((each) => each!), lines, happened};
}

/** Tasks that workers have done to their ends more than once. */
export function doneTwice(lines: readonly string[]): string[] {
  const done = lines.filter((line) => line.endsWith('is done.'));
  return done.filter((line, i) => done.indexOf(line) !== i);
}
