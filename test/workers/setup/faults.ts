import {drive, LOCK, until, work, type DriverArgs, type Printed} from './processes';
import type {TestServer} from './servers';

/** What is killed, frozen or started anew. */
export type Fault = 'worker killed' | 'driver killed' | 'server restarted' | 'worker frozen';

type Worker = ReturnType<typeof work>;

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Where and how a search is disturbed. */
export interface Disturbed {
  env?: Record<string, string>;
  /** Of workers. */
  data?: string;
  drivers?: number;
  /**
   * Milliseconds before each fault, at least and at most, to come at a random moment. Without
   * them each comes as a worker has begun to train, and to that worker.
   */
  pauses?: readonly [number, number];
}

/**
 * A search by a queue in which all of `faults` happen, one after the other: what each driver
 * prints, what all workers do, and how many of the faults have happened before the end.
 */
export async function searchThrough(
  server: TestServer,
  name: string,
  args: DriverArgs,
  faults: readonly Fault[],
  {env = {}, data = 'data_and_model.mjs', drivers = 1, pauses}: Disturbed = {},
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
  const isOver = () => searches.every(({process: {exitCode}}) => exitCode !== null);
  const begun = (line: string) => line.endsWith('begins.');

  /** Waits for the moment of a fault; gives the worker that it happens to. */
  const seen = new Map<Worker, number>();
  const moment = async (): Promise<number> => {
    if (pauses) {
      await pause(pauses[0] + (pauses[1] - pauses[0]) * Math.random());
      return Math.floor(staff.length * Math.random());
    }
    let place = -1;
    await until(() => {
      place = staff.findIndex((worker) => trainsSince(worker, seen.get(worker) ?? 0));
      return place >= 0 || isOver();
    });
    staff.forEach((worker) => seen.set(worker, worker.lines.length));
    return Math.max(0, place);
  };
  const cause: Record<Fault, (place: number) => Promise<void>> = {
    async 'worker killed'(place) {
      staff[place].signal('SIGKILL');
      staff[place] = hire();
    },
    async 'driver killed'() {
      searches[0].process.kill('SIGKILL');
      await searches[0].end;
      searches[0] = start();
    },
    'server restarted': () => server.restart(),
    async 'worker frozen'(place) {
      const worker = staff[place];
      const task = worker.lines.filter(begun).at(-1);
      worker.signal('SIGSTOP');
      // Longer than the lock, so that another one takes its trial.
      const isTaken = () => all.some((each) => each !== worker && each.lines.includes(task!));
      await until(() => isOver() || isTaken(), 6 * LOCK).catch(() => {});
      worker.signal('SIGCONT');
    },
  };

  await until(() => all.some(({lines}) => lines.some(begun)));
  let happened = 0;
  for (const fault of faults) {
    const place = await moment();
    happened += Number(!isOver());
    await cause[fault](place);
  }
  const printed = await Promise.all(searches.map(({end}) => end));
  staff.forEach(({signal}) => signal('SIGTERM'));
  const lines = all.flatMap((worker) => worker.lines);
  await Promise.all(all.map(({ended}) => ended));
  return {printed: printed.map((each) => each!), lines, happened};
}

/** Whether the last task that `worker` has begun, after so many lines, is a training under way. */
function trainsSince({lines}: Worker, first: number): boolean {
  return /epochs? begins\.$/.test(lines.slice(first).at(-1) ?? '');
}

/** Tasks that workers have done to their ends more than once. */
export function doneTwice(lines: readonly string[]): string[] {
  const done = lines.filter((line) => line.endsWith('is done.'));
  return done.filter((line, i) => done.indexOf(line) !== i);
}
