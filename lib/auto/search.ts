import {halvings, sparsityAt} from './allocation';
import {round, type Candidate, type Variant} from './candidate';

/** What came of a candidate. */
export interface Outcome {
  /** What the trained model does on the validation data, by the metric that judges. */
  metric: number;
  /** How much worse than the model was; below 0 if it is better. */
  drop: number;
  /** Share of the weights, channels or units that are pruned. */
  sparsity: number;
  /** Parameters that are left. */
  parameters: number;
  /** Why there is none, where no worker has survived the training; the drop is then infinite. */
  failed?: string;
}

/** A candidate that was tried. */
export interface Trial {
  candidate: Candidate;
  outcome: Outcome;
}

/** Where candidates are tried. */
export interface Workbench {
  tryOut(candidate: Candidate): Promise<Outcome>;
  /** Epochs of the budget that are left. */
  epochsLeft(): number;
}

/** What both searches need. */
export interface SearchArgs {
  variants: readonly Variant[];
  /** Epochs of a short trial, and of a long one. */
  trialEpochs: number;
  finalEpochs: number;
}

/** Orders trials, the better first. */
export type Ranking = (a: Trial, b: Trial) => number;

/** Within `limit` before others, then by the fewest parameters, then by the smallest drop. */
export function byParameters(limit: number): Ranking {
  const fails = ({outcome}: Trial) => (outcome.drop <= limit ? 0 : 1);
  return (a, b) =>
    fails(a) - fails(b) || a.outcome.parameters - b.outcome.parameters || byDrop(a, b);
}

/** By the smallest drop; last what has diverged, whose drop is no number. */
export const byDrop: Ranking = (a, b) => {
  const [one, other] = [a, b].map(({outcome: {drop}}) => drop);
  return one - other || Number(Number.isNaN(one)) - Number(Number.isNaN(other));
};

/** Halvings of the density between two trials that are told apart. */
const RESOLUTION = 0.15;

/** The fewest halvings of a short trial, about 16 % of the weights: fewer gain too little. */
const FEWEST_HALVINGS = 0.25;

/** 2⁻⁹ of the weights are left: no trial goes further. */
const MOST_HALVINGS = 9;

/** What `searchByDrop` needs in addition to the bench. */
export interface DropSearchArgs extends SearchArgs {
  /** The sparsity of the first trial. */
  start: number;
  /** The drop that is allowed. */
  limit: number;
}

/**
 * The candidate with the fewest parameters left whose drop is at most `limit`.
 *
 * Short trials climb a halving of the density at a time until one fails, and
 * there the other variants are tried. Where the first fails, they go down as far
 * as there is something to gain. With the best of them, long trials go on
 * from where the short ones failed, which more training may save: up while they
 * hold, then by halving the range between what holds and what fails.
 *
 * @returns `null` where nothing was within the limit.
 */
export async function searchByDrop(bench: Workbench, args: DropSearchArgs): Promise<Trial | null> {
  const search = new DropSearch(bench, args);
  await search.climb();
  await search.narrow();
  return search.best;
}

class DropSearch {
  private readonly trials: Trial[] = [];
  /** The variant to go on with, and the others that were not tried where it failed. */
  private variants: readonly Variant[];
  /** In halvings: the most that has held, and what to try next. */
  private low = 0;
  private next: number;

  constructor(
    private readonly bench: Workbench,
    private readonly args: DropSearchArgs,
  ) {
    this.variants = args.variants;
    this.next = Math.min(halvings(args.start), MOST_HALVINGS);
  }

  /** The best that is within the limit. */
  get best(): Trial | null {
    const [first] = [...this.trials].sort(byParameters(this.args.limit));
    return first && this.holds(first) ? first : null;
  }

  /** Short trials, up to the first that fails; down from it until one holds or gains too little. */
  async climb(): Promise<void> {
    let hasFailed = false;
    while (this.mayTry && this.low < MOST_HALVINGS && (!hasFailed || this.low === 0)) {
      const trial = await this.bestAt(this.next, !hasFailed);
      hasFailed ||= !this.holds(trial);
      if (this.holds(trial)) {
        this.variants = [trial.candidate, ...without(this.variants, trial)];
        this.low = this.next;
        this.next = Math.min(this.low + 1, MOST_HALVINGS);
      } else {
        this.variants = [trial.candidate];
        if (this.low === 0 && this.next / 2 < FEWEST_HALVINGS) {
          return;
        }
        this.next = this.low === 0 ? this.next / 2 : this.next;
      }
    }
  }

  /** Long trials, until the range between what holds and what fails is narrow. */
  async narrow(): Promise<void> {
    const {finalEpochs} = this.args;
    const isNew = () => this.trials.length === 0;
    for (let fails = Infinity; this.bench.epochsLeft() >= finalEpochs || isNew();) {
      const safe = this.isLast ? this.best : null;
      if (safe) {
        await this.attempt(safe.candidate, halvings(safe.candidate.sparsity), finalEpochs);
        return;
      }
      if (this.holds(await this.attempt(this.variants[0], this.next, finalEpochs))) {
        this.low = Math.max(this.low, this.next);
      } else {
        fails = Math.min(fails, this.next);
      }
      if (this.low >= MOST_HALVINGS || fails - this.low <= RESOLUTION) {
        return;
      }
      const higher = Math.min(this.low + 0.5, MOST_HALVINGS);
      this.next = fails === Infinity ? higher : (this.low + fails) / 2;
    }
  }

  /** Whether there is time for a short trial, and two long ones after it. */
  private get mayTry(): boolean {
    const {trialEpochs, finalEpochs} = this.args;
    return this.bench.epochsLeft() >= 2 * finalEpochs + trialEpochs;
  }

  /** Whether one long trial is left and none has held: it is for what is sure to hold. */
  private get isLast(): boolean {
    const {finalEpochs} = this.args;
    const isSafe = this.trials.some(
      (trial) => trial.candidate.epochs === finalEpochs && this.holds(trial),
    );
    return !isSafe && this.bench.epochsLeft() < 2 * finalEpochs;
  }

  /** A short trial of the first variant, and where it fails of the others, if `withOthers`: the best. */
  private async bestAt(halved: number, withOthers: boolean): Promise<Trial> {
    const {trialEpochs} = this.args;
    const [favorite, ...others] = this.variants;
    const first = await this.attempt(favorite, halved, trialEpochs);
    const tried = [first];
    for (const other of this.holds(first) || !withOthers ? [] : others) {
      if (this.mayTry) {
        tried.push(await this.attempt(other, halved, trialEpochs));
      }
    }
    return tried.sort(byDrop)[0];
  }

  private async attempt(variant: Variant, halved: number, epochs: number): Promise<Trial> {
    const {allocation, scoring, rise} = variant;
    const sparsity = round(sparsityAt(halved));
    const candidate = {allocation, scoring, rise, sparsity, epochs};
    const trial = {candidate, outcome: await this.bench.tryOut(candidate)};
    this.trials.push(trial);
    return trial;
  }

  private holds({outcome}: Trial): boolean {
    return outcome.drop <= this.args.limit;
  }
}

/** The variants but the one of `trial`. */
function without(variants: readonly Variant[], {candidate}: Trial): Variant[] {
  const {allocation, scoring, rise} = candidate;
  return variants.filter(
    (each) => each.allocation !== allocation || each.scoring !== scoring || each.rise !== rise,
  );
}

/**
 * The best candidate at a sparsity that is given: all variants in short trials,
 * and the best of them, as many as the budget allows, in long ones.
 *
 * @param sparsityOf The sparsity of each variant.
 */
export async function searchAtSparsity(
  bench: Workbench,
  args: SearchArgs & {sparsityOf: (variant: Variant) => number},
): Promise<Trial> {
  const {variants, trialEpochs, finalEpochs, sparsityOf} = args;
  const short: Trial[] = [];
  for (const variant of variants) {
    if (bench.epochsLeft() < finalEpochs + trialEpochs) {
      break;
    }
    const candidate = {...variant, sparsity: round(sparsityOf(variant)), epochs: trialEpochs};
    short.push({candidate, outcome: await bench.tryOut(candidate)});
  }
  const ranked = short.sort(byDrop);
  const finalists: Variant[] =
    ranked.length > 0 ? ranked.map(({candidate}) => candidate) : [variants[0]];
  const long: Trial[] = [];
  for (const finalist of finalists) {
    if (long.length > 0 && bench.epochsLeft() < finalEpochs) {
      break;
    }
    const sparsity = round(sparsityOf(finalist));
    const candidate = {...finalist, sparsity, epochs: finalEpochs};
    long.push({candidate, outcome: await bench.tryOut(candidate)});
  }
  return [...long, ...short].sort(byDrop)[0];
}
