import type {Crew, Measured, Run, Task, TaskOutcome, Watch} from '../auto/executor';
import {Child, Died, type Limits, Refused} from './child';
import type {Setup} from './messages';

/** How often a task is tried whose worker does not survive it. */
const TRIES = 3;

interface Job {
  readonly task: Task;
  readonly watch: Watch;
  readonly end: (outcome: TaskOutcome) => void;
  readonly fail: (error: unknown) => void;
  tries: number;
  child: Child | null;
  isCanceled: boolean;
}

/**
 * Processes that do tasks, each one at a time, of this machine.
 *
 * It is no pool from npm, since three things have to hold together: a limit of memory that
 * counts tensors, which lie outside V8's heap; an end also for a process that is frozen; and
 * processes, not threads, so that each has a backend of its own.
 */
export class Pool implements Crew {
  private readonly children: Child[] = [];
  private readonly waiting: Job[] = [];
  private readonly running = new Set<Job>();
  private isClosed = false;

  constructor(
    private readonly script: string,
    readonly size: number,
    private readonly setup: Setup,
    private readonly limits: Limits,
  ) {}

  /**
   * Starts all processes.
   *
   * @throws The reason where they refuse, or where one does not come up.
   */
  async start(): Promise<void> {
    for (let i = 0; i < this.size; ++i) {
      this.spawn();
    }
    try {
      await Promise.all(this.children.map(({ready}) => ready));
    } catch (error) {
      await this.close();
      throw error instanceof Refused ? error.reason : error;
    }
  }

  /** The processes' numbers. */
  get pids(): number[] {
    return this.children.flatMap(({pid}) => pid ?? []);
  }

  run(tasks: readonly Task[], watch: Watch): Run[] {
    const runs = tasks.map((task): Run => {
      let job!: Job;
      const outcome = new Promise<TaskOutcome>((end, fail) => {
        job = {task, watch, end, fail, tries: 0, child: null, isCanceled: false};
        this.waiting.push(job);
      });
      outcome.catch(() => {});
      return {outcome, cancel: () => this.cancel(job)};
    });
    this.assign();
    return runs;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.waiting.splice(0).forEach(({end}) => end({failed: CANCELED}));
    this.children.forEach((child) => child.kill(CANCELED));
    await Promise.all(this.children.map(({ended}) => ended));
  }

  private spawn(): void {
    const child = new Child(this.script, this.setup, this.limits);
    this.children.push(child);
    void child.ended.then(() => {
      this.children.splice(this.children.indexOf(child), 1);
      if (!this.isClosed) {
        this.assign();
      }
    });
  }

  /** Gives each idle child a job, and replaces those that are no more. */
  private assign(): void {
    while (this.waiting.length > 0) {
      let child = this.children.find((each) => each.isAlive && !each.isBusy && !this.isTaken(each));
      if (!child && this.children.length < this.size) {
        this.spawn();
        child = this.children[this.children.length - 1];
      }
      if (!child) {
        return;
      }
      void this.perform(this.waiting.shift()!, child);
    }
  }

  private isTaken(child: Child): boolean {
    return [...this.running].some((job) => job.child === child);
  }

  private async perform(job: Job, child: Child): Promise<void> {
    job.child = child;
    job.tries += 1;
    this.running.add(job);
    let measured: Measured | null = null;
    let error: unknown;
    try {
      await child.ready;
      measured = await child.do(job.task, job.watch);
    } catch (cause) {
      error = cause;
    }
    this.running.delete(job);
    job.child = null;
    if (measured) {
      job.end(measured);
    } else if (job.isCanceled || this.isClosed) {
      job.end({failed: CANCELED});
    } else if (error instanceof Died && job.tries < TRIES) {
      this.waiting.unshift(job);
    } else if (error instanceof Died) {
      job.end({failed: `${job.tries} workers did not survive it: ${error.message}`});
    } else {
      job.fail(error);
    }
    if (!this.isClosed) {
      this.assign();
    }
  }

  private cancel(job: Job): void {
    job.isCanceled = true;
    const place = this.waiting.indexOf(job);
    if (place >= 0) {
      this.waiting.splice(place, 1);
      job.end({failed: CANCELED});
    }
    job.child?.cancel();
  }
}

const CANCELED = 'canceled';
