import {MultiBar, type SingleBar} from 'cli-progress';

import type {Candidate} from '../auto/candidate';
import type {AutoPruneProgress, RunningTrial} from '../auto/progress';
import type {Trial} from '../auto/search';
import {duration} from '../base/duration';
import {figure, percent} from './output';
import {isProgressShown} from './progress';

/** Milliseconds between two looks at the time that is left. */
const TICK = 1000;

/** A bar of a trial that runs. */
interface Row {
  bar: SingleBar;
  /** When it will end, in milliseconds; `null` where that is not known. */
  end: number | null;
}

/**
 * The trials that run, each with a bar and the time that is left, on a terminal; and everywhere
 * a line for each that is done.
 */
export class TrialTable {
  private readonly bars: MultiBar | null;
  private readonly rows = new Map<string, Row>();
  private readonly timer: NodeJS.Timeout | undefined;
  private toldTrials = 0;
  private isScanTold = false;

  /**
   * @param metric What the search judges by.
   * @param stream Where the bars are shown.
   */
  constructor(
    private readonly metric: string,
    stream: NodeJS.WriteStream = process.stderr,
  ) {
    const format = '{name} [{bar}] {done} {left}';
    const options = {stream, format, barsize: 20, hideCursor: true, clearOnComplete: true};
    this.bars = isProgressShown(stream) ? new MultiBar({...options, emptyOnZero: true}) : null;
    this.timer = this.bars ? setInterval(() => this.tick(), TICK).unref() : undefined;
  }

  /** Shows how far a search is. */
  show(progress: AutoPruneProgress): void {
    const {phase, measurements, epochsDone, epochs, secondsLeft, tried, running} = progress;
    const {done, total} = measurements;
    if (done === total && !this.isScanTold) {
      this.isScanTold = true;
      this.print(`Measured what each layer tolerates: ${total} measurements.`);
    }
    this.printTrials(tried);
    if (phase === 'sensitivity') {
      this.draw('scan', 'Sensitivity of layers', done, total, 'measured', null);
      return;
    }
    const names = new Set(['all', ...running.map(({candidate}) => nameOf(candidate))]);
    for (const key of [...this.rows.keys()].filter((each) => !names.has(each))) {
      this.bars?.remove(this.rows.get(key)!.bar);
      this.rows.delete(key);
    }
    this.draw('all', 'All trials, at most', epochsDone, epochs, 'epochs', secondsLeft);
    running.forEach((trial) => this.drawTrial(trial));
  }

  /** Removes the bars, and tells of the trials that have ended since. */
  stop(tried: readonly Trial[] = []): void {
    clearInterval(this.timer);
    this.printTrials(tried);
    this.bars?.stop();
  }

  private drawTrial({candidate, epoch, secondsLeft, isAhead}: RunningTrial): void {
    const unit = isAhead ? 'epochs, ahead' : 'epochs';
    const name = nameOf(candidate);
    this.draw(name, name, epoch, candidate.epochs, unit, secondsLeft);
  }

  private draw(
    key: string,
    name: string,
    done: number,
    total: number,
    unit: string,
    secondsLeft: number | null,
  ): void {
    if (this.bars === null) {
      return;
    }
    const row = this.rows.get(key) ?? {bar: this.bars.create(total, done, {name: ''}), end: null};
    this.rows.set(key, row);
    row.end = secondsLeft === null ? null : Date.now() + 1000 * secondsLeft;
    row.bar.update(done, {
      name: name.padEnd(WIDTH),
      done: `${done}/${total} ${unit}`,
      left: leftUntil(row.end),
    });
    // What trains leaves no time for the bars' own timer.
    this.bars.update();
  }

  private tick(): void {
    this.rows.forEach(({bar, end}) => bar.update({left: leftUntil(end)}));
  }

  private printTrials(tried: readonly Trial[]): void {
    for (; this.toldTrials < tried.length; ++this.toldTrials) {
      this.print(`${this.toldTrials + 1}. ${trialLine(tried[this.toldTrials], this.metric)}`);
    }
  }

  private print(line: string): void {
    if (this.bars) {
      this.bars.log(`${line}\n`);
      this.bars.update();
    } else {
      console.log(line);
    }
  }
}

const WIDTH = 42;

function leftUntil(end: number | null): string {
  return end === null ? '' : `${duration(Math.max(0, end - Date.now()) / 1000)} left`;
}

/** `93.75 % global magnitude, 3 epochs`; the rise tells two of these apart. */
export function nameOf({sparsity, allocation, scoring, rise, epochs}: Candidate): string {
  const unit = epochs === 1 ? 'epoch' : 'epochs';
  const way = `${allocation} ${scoring}${rise === 0.6 ? '' : `, rise ${rise}`}`;
  return `${percent(sparsity)} ${way}, ${epochs} ${unit}`;
}

/** A trial and what came of it. */
function trialLine({candidate, outcome}: Trial, metric: string): string {
  const {failed} = outcome;
  return `${nameOf(candidate)}: ${failed === undefined ? outcomeOf(outcome, metric) : `failed (${failed})`}`;
}

function outcomeOf({metric: value, drop}: Trial['outcome'], metric: string): string {
  return `${metric} ${figure(metric, value)}, drop ${dropOf(metric, drop)}`;
}

/** A drop of an accuracy in points. */
export function dropOf(metric: string, drop: number): string {
  return metric === 'accuracy' ? `${(100 * drop).toFixed(2)} points` : drop.toFixed(4);
}
