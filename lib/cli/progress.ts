import type {io} from '@tensorflow/tfjs-core';
import {SingleBar} from 'cli-progress';

import {duration} from '../base/duration';
import type {StoredWeight} from '../files/quantize/stored_weight';
import type {StoredWeights} from '../files/quantize/stored_weights';

/** What is done sooner needs no bar. */
const DELAY_MS = 500;

let isShown = false;

/** Whether bars are shown, from now on; on anything but a terminal they never are. */
export function showProgress(show: boolean): void {
  isShown = show;
}

/** Whether bars are shown on `stream`. */
export function isProgressShown(stream: NodeJS.WriteStream): boolean {
  return isShown && stream.isTTY;
}

/** A bar for a task that takes more than a moment, with the time that is left. */
export class ProgressBar {
  private readonly bar: SingleBar | null;
  private readonly timer: NodeJS.Timeout | undefined;
  private readonly begun = Date.now();
  private done = 0;

  /**
   * @param task What is done, to be read before the bar.
   * @param total What there is to do.
   * @param stream Where the bar is shown.
   */
  constructor(
    task: string,
    private total = 1,
    stream: NodeJS.WriteStream = process.stderr,
  ) {
    const format = `${task} [{bar}] {percentage} % {left}`;
    const options = {stream, format, barsize: 30, hideCursor: true, clearOnComplete: true};
    this.bar = isProgressShown(stream) ? new SingleBar(options) : null;
    // It is not there for its own sake: a program that is done must not wait for it.
    this.timer = this.bar ? setTimeout(() => this.start(), DELAY_MS).unref() : undefined;
  }

  /** Says that so much more is done. */
  advance(by = 1): void {
    this.reach(this.done + by);
  }

  /** Says that so much is done, of so much. */
  reach(done: number, total = this.total): void {
    this.done = done;
    this.total = total;
    if (this.bar === null || Date.now() - this.begun < DELAY_MS) {
      return;
    }
    this.start();
    this.bar.update(this.done / this.total, {left: this.timeLeft()});
    // What is done leaves no time for the bar's own timer.
    this.bar.render();
  }

  /** Removes the bar. */
  stop(): void {
    clearTimeout(this.timer);
    if (this.bar?.isActive) {
      this.bar.stop();
    }
  }

  private start(): void {
    if (this.bar && !this.bar.isActive) {
      this.bar.start(1, this.done / this.total, {left: this.timeLeft()});
    }
  }

  /** By how long the part that is done has taken. */
  private timeLeft(): string {
    if (this.done === 0) {
      return '';
    }
    const seconds = ((Date.now() - this.begun) / 1000) * (this.total / this.done - 1);
    return `${duration(seconds)} left`;
  }
}

/** `weights`, with a bar that says how many have been taken. */
export async function* withProgress(
  task: string,
  specs: readonly io.WeightsManifestEntry[] = [],
  weights: StoredWeights,
  stream?: NodeJS.WriteStream,
): AsyncGenerator<StoredWeight> {
  const total = specs.reduce((sum, spec) => sum + sizeOf(spec), 0);
  const bar = new ProgressBar(task, total, stream);
  try {
    for await (const weight of weights) {
      yield weight;
      bar.advance(sizeOf(weight.spec));
    }
  } finally {
    bar.stop();
  }
}

function sizeOf({shape}: io.WeightsManifestEntry): number {
  return shape.reduce((size, length) => size * length, 1);
}
