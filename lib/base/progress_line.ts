import {check} from './check';
import {duration} from './duration';
import type {Stoppable} from './stoppable';

/** The option of long runs that shows their progress. */
export interface Verbose {
  /**
   * As in `fit`: 1 shows a line with the progress and the time left, 0 shows nothing.
   * Default: 1 on a terminal of Node, unless a test runs or `onProgress` is given;
   * otherwise 0.
   */
  verbose?: 0 | 1;
}

/** How far a run is. */
export interface Step {
  done: number;
  total: number;
  /** What was done last. */
  note?: string;
  /** Default: by how long the part that is done has taken. */
  secondsLeft?: number | null;
}

/** Milliseconds: what is done sooner needs no line; between two lines that are not on a terminal. */
const DELAY = 1000;
const PAUSE = 2000;

/**
 * Runs `work` with arguments whose `onProgress` also shows a line, if one is to be shown.
 *
 * @param task What is done, to be read first.
 * @param describe How far a run is, of what it tells.
 * @throws PruningError for another `verbose`.
 */
export async function withProgressLine<P, A extends Stoppable<P> & Verbose, T>(
  task: string,
  args: A,
  describe: (progress: P) => Step,
  work: (args: A) => Promise<T>,
): Promise<T> {
  const {verbose, onProgress} = Object(args) as A;
  const isKnown = verbose === undefined || verbose === 0 || verbose === 1;
  check(isKnown, 'verbose', '0 or 1', verbose);
  if (!(verbose ?? (onProgress === undefined && isTerminal() && !isTest()))) {
    return work(args);
  }
  const line = new ProgressLine(task, verbose === 1);
  try {
    return await work({
      ...args,
      onProgress: (progress: P) => {
        line.show(describe(progress));
        return onProgress?.(progress);
      },
    });
  } finally {
    line.end();
  }
}

class ProgressLine {
  private readonly begun = Date.now();
  private last = -Infinity;
  private isShown = false;

  constructor(
    private readonly task: string,
    private readonly isWanted: boolean,
  ) {}

  show(step: Step): void {
    const now = Date.now();
    const isSoon = isTerminal() ? now - this.begun < DELAY : now - this.last < PAUSE;
    const isFirst = this.isWanted && this.last === -Infinity;
    if (isSoon && !isFirst && (!this.isWanted || step.done < step.total)) {
      return;
    }
    this.last = now;
    const text = this.textOf(step, (now - this.begun) / 1000);
    if (isTerminal()) {
      this.isShown = true;
      const {stderr} = process;
      stderr.write(`\r${text.slice(0, (stderr.columns || 80) - 1)}\u001b[K`);
    } else {
      console.log(text);
    }
  }

  /** Removes the line. */
  end(): void {
    if (this.isShown) {
      process.stderr.write('\r\u001b[K');
    }
  }

  private textOf({done, total, note, secondsLeft}: Step, seconds: number): string {
    const left = secondsLeft ?? (done > 0 ? (seconds / done) * (total - done) : null);
    const parts = [
      `${this.task}: ${done} of ${total}`,
      note,
      left !== null && done < total ? `${duration(left)} left` : undefined,
    ];
    return parts.filter((part) => part !== undefined).join(', ');
  }
}

function isTerminal(): boolean {
  return typeof process !== 'undefined' && process.stderr?.isTTY === true;
}

function isTest(): boolean {
  const {NODE_ENV, NODE_TEST_CONTEXT} = process.env;
  return NODE_ENV === 'test' || NODE_TEST_CONTEXT !== undefined;
}
