import type {LayersModel} from '@tensorflow/tfjs-layers';

import {tell, type Stoppable} from '../base/stoppable';
import {makePruner} from '../callbacks/granularity';
import type {Evaluation} from '../data/evaluation';
import {samplesOf, type TrainingData} from '../data/training_data';
import {ModelState} from '../projection/model_state';
import {trainAfresh} from '../training/train_afresh';
import {Budget, type BudgetArgs} from './budget';
import {prunerArgs, type Candidate, type Setting} from './candidate';
import {countParameters} from './goal';
import type {Entry, Journal} from './journal';
import type {AutoPruneProgress} from './progress';
import type {Outcome, Ranking, Trial, Workbench} from './search';

/** What a bench works with. */
export interface BenchArgs {
  model: LayersModel;
  /** The model before pruning. */
  state: ModelState;
  train: TrainingData;
  evaluation: Evaluation;
  baseline: number;
  setting: Setting;
  journal: Journal;
  budget: BudgetArgs;
  longest: number;
  /** Seconds spent before the first training. */
  secondsDone: number;
  ranking: Ranking;
  stoppable: Stoppable<AutoPruneProgress>;
}

/** Trains and judges candidates, each from the model as it was, and keeps the best. */
export class Bench implements Workbench {
  private readonly budget: Budget;
  private best: Trial | null = null;
  /** The model as the best candidate left it; `null` where a journal knows of it only. */
  private kept: ModelState | null = null;

  /** What was tried, by a journal or here, in its order. */
  readonly entries: Entry[] = [];

  constructor(private readonly args: BenchArgs) {
    this.budget = new Budget(args.budget, args.longest, args.secondsDone);
  }

  epochsLeft(): number {
    return this.budget.epochsLeft;
  }

  get epochsDone(): number {
    return this.budget.epochsDone;
  }

  async tryOut(candidate: Candidate): Promise<Outcome> {
    const {journal, stoppable} = this.args;
    const known = journal.find(candidate);
    if (known) {
      this.take(known, false);
      return known.outcome;
    }
    stoppable.signal?.throwIfAborted();
    const start = Date.now();
    const outcome = await this.train(candidate, start);
    const entry = {candidate, outcome, seconds: (Date.now() - start) / 1000};
    await journal.add(entry);
    this.take(entry, true);
    return outcome;
  }

  /** Leaves the model as `candidate` trains it. */
  async settle({candidate}: Trial): Promise<void> {
    if (this.kept && JSON.stringify(this.best?.candidate) === JSON.stringify(candidate)) {
      this.kept.restore();
    } else {
      await this.train(candidate, Date.now());
    }
  }

  /** Frees what is kept. */
  dispose(): void {
    this.kept?.dispose();
    this.kept = null;
  }

  private async train(candidate: Candidate, start: number): Promise<Outcome> {
    const {model, state, train, evaluation, baseline, setting, stoppable} = this.args;
    const pruner = makePruner(setting.granularity, prunerArgs(candidate, setting));
    state.restore();
    await trainAfresh(model, {
      epochs: candidate.epochs,
      callbacks: pruner,
      train: samplesOf(train),
      seed: setting.seed,
      signal: stoppable.signal,
      onEpoch: (epoch) => this.tell(candidate, epoch, start),
    });
    const metric = await evaluation.value();
    return {
      metric,
      drop: evaluation.drop(baseline, metric),
      sparsity: pruner.sparsity,
      parameters: await countParameters(model, setting.granularity),
    };
  }

  private async tell(candidate: Candidate, epoch: number, start: number): Promise<void> {
    const {budget, best} = this;
    const speed = budget.secondsPerEpoch || (Date.now() - start) / 1000 / epoch;
    await tell(this.args.stoppable, {
      phase: 'training',
      candidate,
      epoch,
      epochsDone: budget.epochsDone + epoch,
      epochs: budget.epochs,
      secondsLeft: Math.max(0, budget.epochsLeft - epoch) * speed,
      best,
    });
  }

  private take(entry: Entry, isInModel: boolean): void {
    // A journal knows what it took then: the budget is spent as it was.
    this.budget.spend(entry.candidate, entry.seconds);
    this.entries.push(entry);
    if (this.best === null || this.args.ranking(entry, this.best) < 0) {
      this.dispose();
      this.best = entry;
      this.kept = isInModel ? new ModelState(this.args.model) : null;
    }
  }
}
