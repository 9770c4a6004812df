import type {Crew, Executor, Ground, Run, Task, TaskOutcome, Watch} from '../../auto/executor';
import {check, checkOptions} from '../../base/check';
import {closed, connected, serverAt, type Server} from './connect';
import {
  type JobData,
  jobId,
  type JobProgress,
  type JobResult,
  nameOf,
  QUEUE,
  sealed,
  unpackResult,
} from './job';

/** Arguments of `queue`. */
export interface QueueArgs {
  /**
   * The address of the server: `redis://…`, `rediss://…` with TLS, or `postgres://…`,
   * with credentials.
   */
  url: string;
  /** The name of the queue, to keep searches and their workers apart. Default: `'tfjs-prune'`. */
  name?: string;
}

/** Seconds that results stay. */
const KEPT = 7 * 24 * 3600;

/** How often a task is done whose result the server does not take, as while it restarts. */
const ATTEMPTS = 5;

/** Milliseconds from one look at all that is waited for to the next: a server that restarts loses events. */
const LOOK = 2000;

/**
 * Milliseconds from an event to a look at others that are waited for, and how many of them:
 * PostgreSQL tells late of events that come together.
 */
const SOON = 50;
const FEW = 32;

/** Milliseconds that a server may be away, as while it restarts. */
const PATIENCE = 5 * 60 * 1000;

/** Events that a server keeps: results are in them too. */
const MOST_EVENTS = 1000;

/**
 * Runs the trials of `autoPrune` and the measurements of `sensitivity` in every process
 * of `npx tfjs-prune worker` that uses the same queue, on this machine or on others. The
 * queue is one of BullMQ, in Redis, Valkey or PostgreSQL. The result is exactly the same.
 *
 * If a worker dies or freezes, another one takes over its trial. Results stay for a week,
 * so a restarted search continues from them, and two searches with the same settings
 * share them. Needs the packages `bullmq` and `ioredis`, or `bullmq` and `pg`.
 *
 * @throws PruningError for a wrong argument; and, when the search begins, if the server
 *   does not answer or refuses the connection.
 * @example
 * import {queue} from 'tfjs-prune/queue';
 *
 * const args = {train: {x, y, epochs: 3}, validation: {x: valX, y: valY}, maxDrop: 0.002};
 * await autoPrune(model, {...args, executor: queue({url: 'redis://localhost:6379'})});
 */
export function queue(args: QueueArgs): Executor {
  checkOptions('queue', args, ['url', 'name']);
  const {url, name = QUEUE} = args;
  check(typeof url === 'string', 'url', 'redis://…, rediss://… or postgres://…', url);
  check(/^[\w.-]+$/.test(String(name)), 'name', 'letters, digits, dots and dashes', name);
  return {open: (ground) => QueueCrew.open(url, name, ground)};
}

/** The jobs and what happens to them. */
function makeQueue({bull, connection, factory}: Server, name: string) {
  const streams = {events: {maxLen: MOST_EVENTS}};
  return {
    jobs: new bull.Queue(name, {connection, streams}, factory),
    events: new bull.QueueEvents(name, {connection}, factory),
  };
}

/** A task in the queue. */
interface Pending {
  readonly id: string;
  readonly data: JobData;
  readonly watch: Watch;
  readonly end: (outcome: TaskOutcome) => void;
  readonly fail: (error: unknown) => void;
  /** Since when it is waited for. */
  readonly since: number;
  /** Whether it was added again since another search had left a failure. */
  isAgain?: boolean;
  /** Since when the server has not answered; `undefined` while it does. */
  awaySince?: number;
}

/** Whoever waits at the queue. */
class QueueCrew implements Crew {
  /** Workers that are connected. */
  size = 1;
  private readonly pending = new Map<string, Pending>();
  private timer: NodeJS.Timeout | undefined;
  private soon: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private isClosed = false;

  static async open(url: string, name: string, {settings}: Ground): Promise<Crew> {
    const {jobs, events} = makeQueue(await serverAt(url), name);
    await Promise.all([connected(jobs), connected(events)]);
    const crew = new QueueCrew(url, jobs, events, settings);
    await crew.count();
    return crew;
  }

  private constructor(
    private readonly url: string,
    private readonly jobs: ReturnType<typeof makeQueue>['jobs'],
    private readonly events: ReturnType<typeof makeQueue>['events'],
    private readonly settings: Ground['settings'],
  ) {
    events.on(
      'completed',
      ({jobId: id, returnvalue: result}: {jobId: string; returnvalue: unknown}) => {
        this.take(id, result as JobResult);
        this.lookSoon();
      },
    );
    events.on('failed', ({jobId: id}) => {
      this.look([id]);
      this.lookSoon();
    });
    events.on('progress', ({jobId: id, data}) => {
      const pending = this.pending.get(id);
      if (pending) {
        void pending.watch(pending.data.task, (data as unknown as JobProgress).epoch);
      }
    });
    this.lookLater();
  }

  run(tasks: readonly Task[], watch: Watch): Run[] {
    const all: Pending[] = [];
    const runs = tasks.map((task): Run => {
      const data = {settings: this.settings, task};
      const id = jobId(data);
      const outcome = new Promise<TaskOutcome>((end, fail) => {
        all.push({id, data, watch, end, fail, since: Date.now()});
      });
      outcome.catch(() => {});
      return {outcome, cancel: () => void this.cancel(id)};
    });
    all.forEach((each) => this.pending.set(each.id, each));
    // What the server does not take now is added by a later look.
    void this.add(all)
      .catch(() => {})
      .then(() => this.look(all.map(({id}) => id)));
    return runs;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    clearTimeout(this.soon);
    await closed(this.url, [this.events, this.jobs], async () => {
      await Promise.all([...this.pending.keys()].map((id) => this.cancel(id)));
      await this.looking;
    });
  }

  private async add(all: readonly Pending[]): Promise<void> {
    await this.jobs.addBulk(
      all.map(({id, data}) => ({
        name: nameOf(data.task),
        data: sealed(data),
        opts: {
          jobId: id,
          attempts: ATTEMPTS,
          removeOnComplete: {age: KEPT},
          removeOnFail: {age: KEPT},
        },
      })),
    );
  }

  /** Takes the results of those that are done, and adds those again that the server has lost. */
  private look(ids: readonly string[]): void {
    this.looking = this.looking.then(async () => {
      for (const id of ids) {
        const pending = this.pending.get(id);
        if (pending && !this.isClosed) {
          await this.lookPatiently(pending);
        }
      }
    });
  }

  /** Looks at all, again and again: the next time once it is through, however many there are. */
  private lookLater(): void {
    this.timer = setTimeout(() => {
      void this.count();
      this.look([...this.pending.keys()]);
      void this.looking.then(() => {
        if (!this.isClosed) {
          this.lookLater();
        }
      });
    }, LOOK);
  }

  /** Looks at those that have waited longest, as long as some of them are done. */
  private lookSoon(): void {
    if (this.soon !== undefined || this.isClosed) {
      return;
    }
    this.soon = setTimeout(() => {
      const before = this.pending.size;
      this.look([...this.pending.keys()].slice(0, FEW));
      void this.looking.then(() => {
        this.soon = undefined;
        if (this.pending.size < before) {
          this.lookSoon();
        }
      });
    }, SOON);
  }

  /** Waits where the server is away, but not forever: then it is no restart. */
  private async lookPatiently(pending: Pending): Promise<void> {
    try {
      await this.lookAt(pending);
      pending.awaySince = undefined;
    } catch (error) {
      pending.awaySince ??= Date.now();
      if (Date.now() - pending.awaySince > PATIENCE) {
        this.settle(pending, () => pending.fail(error));
      }
    }
  }

  private async lookAt(pending: Pending): Promise<void> {
    const job = await this.jobs.getJob(pending.id);
    if (!job) {
      await this.add([pending]);
    } else if (job.finishedOn !== undefined) {
      const result = job.failedReason ? {failed: job.failedReason} : (job.returnvalue as JobResult);
      // A failure may have had to do with the machine: it is tried anew another time.
      if ('failed' in result && job.finishedOn < pending.since && !pending.isAgain) {
        pending.isAgain = true;
        await job.remove();
        await this.add([pending]);
      } else {
        this.take(pending.id, result);
      }
    }
  }

  /** What a worker has left for a task, if it is waited for. */
  private take(id: string, result: JobResult): void {
    const pending = this.pending.get(id);
    if (pending) {
      this.settle(pending, () => {
        try {
          pending.end(unpackResult(result));
        } catch (error) {
          pending.fail(error);
        }
      });
    }
  }

  private settle({id}: Pending, end: () => void): void {
    this.pending.delete(id);
    end();
  }

  /** Takes back what nobody has begun. A result stays: it may be asked for another time. */
  private async cancel(id: string): Promise<void> {
    const pending = this.pending.get(id);
    if (pending) {
      this.settle(pending, () => pending.end({failed: 'canceled'}));
      const state = await this.jobs.getJobState(id).catch(() => 'unknown');
      if (state === 'waiting') {
        await this.jobs.remove(id).catch(() => {});
      }
    }
  }

  private async count(): Promise<void> {
    // A server may not tell.
    const count = await this.jobs.getWorkersCount().catch(() => 1);
    this.size = Math.max(1, count);
  }
}
