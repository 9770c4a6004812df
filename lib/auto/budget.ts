import {check, checkInteger, checkOptions} from '../base/check';

/** How much a search may cost. */
export interface BudgetArgs {
  /** Epochs of all trainings together, at least `train.epochs`. Default: 6 times `train.epochs`. */
  epochs?: number;
  /** Minutes for the whole search, above 0. A running trial is finished. Default: no limit. */
  minutes?: number;
}

/** Throws unless `budget` is enough for one training. */
export function checkBudget(budget: unknown, epochs: number): asserts budget is BudgetArgs {
  checkOptions('budget', budget, ['epochs', 'minutes']);
  const {epochs: most, minutes} = budget as BudgetArgs;
  if (most !== undefined) {
    checkInteger('budget.epochs', most, epochs);
  }
  const isAbove0 = minutes === undefined || (Number.isFinite(minutes) && minutes > 0);
  check(isAbove0, 'budget.minutes', 'a number above 0', minutes);
}

/** What is left of a budget. */
export class Budget {
  readonly epochs: number;
  private readonly seconds: number;
  private secondsDone: number;
  private secondsTrained = 0;
  private done = 0;

  /**
   * @param longest Epochs of the longest training.
   * @param secondsDone What was spent before the first training.
   */
  constructor({epochs, minutes = Infinity}: BudgetArgs, longest: number, secondsDone: number) {
    this.epochs = epochs ?? defaultEpochs(longest);
    this.seconds = 60 * minutes;
    this.secondsDone = secondsDone;
  }

  /** Takes from it what a training took. */
  spend({epochs}: {epochs: number}, seconds: number): void {
    this.done += epochs;
    this.secondsDone += seconds;
    this.secondsTrained += seconds;
  }

  get epochsDone(): number {
    return this.done;
  }

  /** Seconds that an epoch takes, about; 0 before the first. */
  get secondsPerEpoch(): number {
    return this.done === 0 ? 0 : this.secondsTrained / this.done;
  }

  /** Whole epochs that are left, by both limits. */
  get epochsLeft(): number {
    const left = this.epochs - this.done;
    const {secondsPerEpoch} = this;
    const inTime = (this.seconds - this.secondsDone) / secondsPerEpoch;
    return secondsPerEpoch === 0 ? left : Math.max(0, Math.min(left, Math.floor(inTime)));
  }
}

/** Epochs of all trainings where none are given. */
export function defaultEpochs(longest: number): number {
  return 6 * longest;
}
