import {type ChildProcess, fork} from 'node:child_process';

import type {Measured, Task, Watch} from '../auto/executor';
import type {FromWorker, Setup, ToWorker} from './messages';
import {errorOf} from './sent_error';

/** What a worker may take. */
export interface Limits {
  /** Seconds without a sign of life, after which it counts as hanging. */
  silence: number;
  /** Seconds of one trial. */
  seconds: number;
  /** Megabytes of memory. */
  megabytes: number;
}

/** The worker is no more: another one may do the task. */
export class Died extends Error {}

/** The worker has other data, another model or another version. */
export class Refused extends Error {
  constructor(readonly reason: Error) {
    super(reason.message);
  }
}

/** Each backend computes on one thread: there is a worker for each core. */
const ONE_THREAD = {TF_NUM_INTRAOP_THREADS: '1', TF_NUM_INTEROP_THREADS: '1', OMP_NUM_THREADS: '1'};

/** Characters of what a worker has printed that say why it died. */
const LAST_WORDS = 400;

/** Milliseconds between two looks at the limits. */
const WATCH = 500;

/** A process that does one task at a time. */
export class Child {
  private readonly process: ChildProcess;
  private lastWords = '';
  private heard = Date.now();
  private began = Date.now();
  private reason: string | null = null;
  private task: {id: number; task: Task; watch: Watch; done: (end: End) => void} | null = null;
  private lastId = 0;
  private readonly timer: NodeJS.Timeout;

  /** Resolves when it can do tasks. */
  readonly ready: Promise<void>;
  /** Resolves when it has ended, by itself or not. */
  readonly ended: Promise<void>;
  isAlive = true;

  constructor(
    script: string,
    setup: Setup,
    private readonly limits: Limits,
  ) {
    const child = fork(script, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {...process.env, ...ONE_THREAD},
    });
    this.process = child;
    child.stdout!.resume();
    child.stderr!.on('data', (text: Buffer) => {
      this.lastWords = `${this.lastWords}${text.toString()}`.slice(-LAST_WORDS);
    });
    // It may be gone when something is sent to it; its end says so.
    child.on('error', () => {});
    let isReady = () => {};
    let fail: (error: Error) => void = () => {};
    this.ready = new Promise((resolve, reject) => {
      isReady = resolve;
      fail = reject;
    });
    this.ready.catch(() => {});
    this.ended = new Promise((resolve) => {
      child.on('exit', (code, signal) => {
        this.isAlive = false;
        clearInterval(this.timer);
        const words = this.lastWords.trim();
        const how = this.reason ?? `its process ended by ${signal ?? `exit code ${code}`}`;
        const error = new Died(words && this.reason === null ? `${how}: ${words}` : how);
        fail(error);
        this.end({error});
        resolve();
      });
    });
    child.on('message', (message: FromWorker) => {
      this.heard = Date.now();
      if (message.kind === 'ready') {
        isReady();
      } else if (message.kind === 'refused') {
        fail(new Refused(errorOf(message.error)));
      } else if (message.kind === 'alive') {
        this.checkMemory(message.bytes);
      } else if (message.id === this.task?.id) {
        this.take(message);
      }
    });
    this.timer = setInterval(() => this.checkTime(), WATCH);
    this.send({kind: 'setup', setup});
  }

  get pid(): number | undefined {
    return this.process.pid;
  }

  get isBusy(): boolean {
    return this.task !== null;
  }

  /**
   * Does `task`.
   *
   * @throws Died, and what the task throws.
   */
  do(task: Task, watch: Watch): Promise<Measured> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      const done = (end: End) => ('measured' in end ? resolve(end.measured) : reject(end.error));
      this.task = {id, task, watch, done};
      this.began = Date.now();
      this.send({kind: 'do', id, task});
    });
  }

  /** Has the present task end, at the next step of its training. */
  cancel(): void {
    if (this.task) {
      this.send({kind: 'cancel', id: this.task.id});
    }
  }

  /** Ends it at once. A frozen process takes no other signal. */
  kill(reason: string): void {
    this.reason ??= reason;
    this.process.kill('SIGKILL');
  }

  private take(message: Extract<FromWorker, {id: number}>): void {
    if (message.kind === 'epoch') {
      void this.task!.watch(this.task!.task, message.epoch);
    } else if (message.kind === 'measured') {
      this.end({measured: message.measured});
    } else {
      this.end({error: errorOf(message.error)});
    }
  }

  private end(end: End): void {
    const {task} = this;
    this.task = null;
    task?.done(end);
  }

  private checkMemory(bytes: number): void {
    const {megabytes} = this.limits;
    if (bytes > 1e6 * megabytes) {
      this.kill(`it took ${Math.round(bytes / 1e6)} MB of memory, more than ${megabytes}`);
    }
  }

  private checkTime(): void {
    const {silence, seconds} = this.limits;
    if (Date.now() - this.heard > 1000 * silence) {
      this.kill(`it gave no sign of life for ${silence} s`);
    } else if (this.task && Date.now() - this.began > 1000 * seconds) {
      this.kill(`it took more than ${seconds} s`);
    }
  }

  private send(message: ToWorker): void {
    if (this.process.connected) {
      this.process.send(message, () => {});
    }
  }
}

type End = {measured: Measured} | {error: Error};
