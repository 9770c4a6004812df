import {tell, type Stoppable} from '../base/stoppable';
import type {Evaluation} from '../data/evaluation';
import {upcoming, type Search} from './ahead';
import {Budget, type BudgetArgs} from './budget';
import {prunerArgs, type Candidate, type Setting} from './candidate';
import type {Crew, Run, TaskOutcome, TrialTask} from './executor';
import type {Entry, Journal} from './journal';
import {keep, type Kept} from './kept_model';
import type {AutoPruneProgress} from './progress';
import type {Outcome, Ranking, Trial, Workbench} from './search';
import type {Workplace} from './workplace';

/** What a bench works with. */
export interface BenchArgs {
  /** Where trials run: in `workplace`, or elsewhere. */
  crew: Crew;
  isHere: boolean;
  /** The model, in this process. */
  workplace: Workplace;
  evaluation: Evaluation;
  baseline: number;
  setting: Setting;
  journal: Journal;
  budget: BudgetArgs;
  longest: number;
  /** How often layers were measured before. */
  measurements: number;
  /** Seconds spent before the first training. */
  secondsDone: number;
  ranking: Ranking;
  /** What decides which candidate is next. */
  search: Search<Trial | null>;
  stoppable: Stoppable<AutoPruneProgress>;
}

/** A trial that runs. */
interface Job {
  readonly candidate: Candidate;
  readonly run: Run;
  readonly start: number;
  /** Epochs done. */
  epoch: number;
  isNeeded: boolean;
  isDone: boolean;
}

/**
 * Has candidates tried, keeps the best, and lets idle ones of the crew try what may be asked
 * for next. What is decided rests on the candidates that were asked for, in their order.
 */
export class Bench implements Workbench {
  private readonly budget: Budget;
  private readonly jobs = new Map<string, Job>();
  private best: Trial | null = null;
  /** `null` where only its outcome is known. */
  private kept: Kept | null = null;
  private stop: (reason: unknown) => void = () => {};
  /** Rejects where the search is stopped while it waits. */
  private readonly stopped = new Promise<never>((_, reject) => (this.stop = reject));
  private readonly onAbort = () => this.stop(this.args.stoppable.signal!.reason);

  /** What was asked for, by a journal or tried, in its order. */
  readonly entries: Entry[] = [];

  constructor(private readonly args: BenchArgs) {
    this.budget = new Budget(args.budget, args.longest, args.secondsDone);
    this.stopped.catch(() => {});
    args.stoppable.signal?.addEventListener('abort', this.onAbort);
  }

  epochsLeft(): number {
    return this.budget.epochsLeft;
  }

  get epochsDone(): number {
    return this.budget.epochsDone;
  }

  /** Trials that were run ahead, to their ends, and that nothing has asked for. */
  get unneeded(): Entry[] {
    const asked = new Set(this.entries.map(({candidate}) => keyOf(candidate)));
    return this.args.journal.ahead.filter(({candidate}) => !asked.has(keyOf(candidate)));
  }

  async tryOut(candidate: Candidate): Promise<Outcome> {
    const {journal, stoppable} = this.args;
    const known = this.find(candidate);
    if (known) {
      this.take(known, null);
      return known.outcome;
    }
    stoppable.signal?.throwIfAborted();
    const start = Date.now();
    const ahead = this.jobs.has(keyOf(candidate)) ? undefined : journal.findAhead(candidate);
    if (ahead) {
      await journal.add(ahead);
      this.take(ahead, null);
      return ahead.outcome;
    }
    const job = this.jobs.get(keyOf(candidate)) ?? this.begin(candidate);
    job.isNeeded = true;
    await this.workAhead();
    // Here a training ends by itself, between two steps.
    const result = await Promise.race([
      job.run.outcome,
      ...(this.args.isHere ? [] : [this.stopped]),
    ]);
    this.jobs.delete(keyOf(candidate));
    const entry = this.entryOf(candidate, result, (Date.now() - start) / 1000);
    // A failure may have had to do with the machine: it is tried anew another time.
    if (!('failed' in result)) {
      await journal.add(entry);
    }
    this.take(entry, result);
    return entry.outcome;
  }

  /** Leaves the model as `candidate` trains it. */
  async settle({candidate}: Trial): Promise<void> {
    const {workplace, stoppable} = this.args;
    this.cancelAll();
    if (this.kept && keyOf(this.best!.candidate) === keyOf(candidate)) {
      this.kept.restore();
      return;
    }
    const start = Date.now();
    await workplace.do(this.taskOf(candidate, false), {
      signal: stoppable.signal,
      onEpoch: (epoch) => this.tell(candidate, epoch, start),
    });
  }

  /** Gives up what still runs, and frees what is kept. */
  dispose(): void {
    this.args.stoppable.signal?.removeEventListener('abort', this.onAbort);
    this.cancelAll();
    this.kept?.dispose();
    this.kept = null;
  }

  private taskOf(candidate: Candidate, withWeights: boolean): TrialTask {
    const {setting} = this.args;
    const {granularity, seed} = setting;
    const args = prunerArgs(candidate, setting);
    return {kind: 'trial', granularity, candidate, args, seed, withWeights};
  }

  private begin(candidate: Candidate): Job {
    const {crew, isHere, longest} = this.args;
    const withWeights = !isHere && candidate.epochs === longest;
    const start = Date.now();
    const [run] = crew.run([this.taskOf(candidate, withWeights)], (_, epoch) => {
      job.epoch = epoch;
      const told = this.tell(candidate, epoch, start);
      // In this process the training ends by what is thrown.
      return isHere ? told : told.catch((reason: unknown) => this.stop(reason));
    });
    const job: Job = {candidate, run, start, epoch: 0, isNeeded: false, isDone: false};
    this.jobs.set(keyOf(candidate), job);
    run.outcome.then(
      (result) => this.finish(job, result),
      // Whoever needs it gets to know.
      () => (job.isDone = true),
    );
    return job;
  }

  /** What comes of a trial that nothing has asked for yet is noted, and others take its place. */
  private async finish(job: Job, result: TaskOutcome): Promise<void> {
    job.isDone = true;
    if (job.isNeeded || this.jobs.get(keyOf(job.candidate)) !== job) {
      return;
    }
    try {
      if (!('failed' in result)) {
        await this.args.journal.addAhead(this.entryOf(job.candidate, result, 0));
      }
      await this.workAhead();
    } catch (error) {
      this.stop(error);
    }
  }

  /** Gives idle ones of the crew what the search is likely to ask for next. */
  private async workAhead(): Promise<void> {
    const {crew, search, journal} = this.args;
    if (crew.size < 2) {
      return;
    }
    const find = (candidate: Candidate) =>
      (this.find(candidate) ?? journal.findAhead(candidate))?.outcome;
    const {epochs} = this.budget;
    const likely = await upcoming(search, {find, epochs}, crew.size);
    const keys = likely.map(keyOf);
    const running = [...this.jobs.values()].filter(({isDone}) => !isDone);
    const idle = running.filter((job) => !job.isNeeded && !keys.includes(keyOf(job.candidate)));
    let room = crew.size - running.length;
    for (const candidate of likely.filter((each) => !this.jobs.has(keyOf(each)))) {
      // One that has become unlikely makes room.
      const given = room > 0 ? null : idle.pop();
      if (given === undefined) {
        return;
      }
      room -= given === null ? 1 : 0;
      this.cancel(given);
      this.begin(candidate);
    }
    if (room < 0) {
      this.cancel(running.reverse().find((job) => !job.isNeeded) ?? null);
    }
  }

  private find(candidate: Candidate): Entry | undefined {
    return (
      this.args.journal.find(candidate) ?? this.entries.find((entry) => isOf(entry, candidate))
    );
  }

  private cancel(job: Job | null): void {
    if (job) {
      job.run.cancel();
      this.jobs.delete(keyOf(job.candidate));
    }
  }

  private cancelAll(): void {
    [...this.jobs.values()].filter(({isDone}) => !isDone).forEach((job) => this.cancel(job));
    this.jobs.clear();
  }

  private entryOf(candidate: Candidate, result: TaskOutcome, waited: number): Entry {
    const {evaluation, baseline} = this.args;
    if ('failed' in result) {
      const {sparsity} = candidate;
      const {failed} = result;
      const outcome = {metric: NaN, drop: Infinity, sparsity, parameters: Infinity, failed};
      return {candidate, outcome, seconds: waited};
    }
    const {metric, sparsity, parameters = NaN, seconds} = result;
    const drop = evaluation.drop(baseline, metric);
    return {candidate, outcome: {metric, drop, sparsity, parameters}, seconds, waited};
  }

  private async tell(candidate: Candidate, epoch: number, start: number): Promise<void> {
    const {budget, best, args} = this;
    const running = [...this.jobs.values()].filter(({isDone}) => !isDone);
    const speed = budget.secondsPerEpoch || (Date.now() - start) / 1000 / epoch;
    await tell(args.stoppable, {
      phase: 'training',
      measurements: {done: args.measurements, total: args.measurements},
      candidate,
      epoch,
      epochsDone: budget.epochsDone + epoch,
      epochs: budget.epochs,
      secondsLeft: Math.max(0, budget.epochsLeft - epoch) * speed,
      best,
      tried: [...this.entries],
      running: running.map((job) => ({
        candidate: job.candidate,
        epoch: job.epoch,
        secondsLeft: secondsLeftOf(job, budget.secondsPerEpoch),
        isAhead: !job.isNeeded,
      })),
    });
  }

  private take(entry: Entry, result: TaskOutcome | null): void {
    const {isHere, workplace, ranking} = this.args;
    // A journal knows what it took then: the budget is spent as it was.
    this.budget.spend(entry.candidate, entry.waited ?? entry.seconds);
    this.entries.push(entry);
    if (this.best === null || ranking(entry, this.best) < 0) {
      this.kept?.dispose();
      this.best = entry;
      this.kept = result && keep(workplace, isHere, result);
    }
  }
}

/** By how long its epochs took; before the first, by how long those of others did. */
function secondsLeftOf({candidate, epoch, start}: Job, secondsPerEpoch: number): number | null {
  const seconds = (Date.now() - start) / 1000;
  const speed = epoch > 0 ? seconds / epoch : secondsPerEpoch;
  return speed === 0 ? null : Math.max(0, candidate.epochs * speed - seconds);
}

function keyOf(candidate: Candidate): string {
  return JSON.stringify(candidate);
}

function isOf({candidate}: Trial, other: Candidate): boolean {
  return keyOf(candidate) === keyOf(other);
}
