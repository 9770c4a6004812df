import {halvings, sparsityAt} from './allocation';
import {round, type Candidate, type Variant} from './candidate';

/** What came of a candidate. */
export interface Outcome {
  metric: number;
  /** How much worse than the model was; below 0 if it is better. */
  drop: number;
  /** Share of the weights, channels or units that are pruned. */
  sparsity: number;
  /** Parameters that are left. */
  parameters: number;
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
    fails(a) - fails(b) ||
    a.outcome.parameters - b.outcome.parameters ||
    a.outcome.drop - b.outcome.drop;
}

/** By the smallest drop. */
export const byDrop: Ranking = (a, b) => a.outcome.drop - b.outcome.drop;

/** Halvings of the density between two trials that are told apart. */
const RESOLUTION = 0.15;

/** 2⁻⁹ of the weights are left: no trial goes further. */
const MOST_HALVINGS = 9;

/**
 * The candidate with the fewest parameters left whose drop is at most `limit`.
 *
 * Short trials climb a halving of the density at a time until one fails, and
 * there the other variants are tried. With the best of them, long trials go on
 * from where the short ones failed, which more training may save: up while they
 * hold, then by halving the range between what holds and what fails.
 *
 * @param start The sparsity of the first trial.
 * @returns `null` where nothing was within the limit.
 */
export async function searchByDrop(
  bench: Workbench,
  args: SearchArgs & {start: number; limit: number},
): Promise<Trial | null> {
  const {trialEpochs, finalEpochs, limit} = args;
  const trials: Trial[] = [];
  const holds = ({outcome}: Trial) => outcome.drop <= limit;
  const attempt = async (variant: Variant, halved: number, epochs: number) => {
    const {allocation, scoring, rise} = variant;
    const sparsity = round(sparsityAt(halved));
    const candidate = {allocation, scoring, rise, sparsity, epochs};
    const trial = {candidate, outcome: await bench.tryOut(candidate)};
    trials.push(trial);
    return trial;
  };
  const best = () => [...trials].sort(byParameters(limit))[0] as Trial | undefined;

  // In halvings: the highest that has held, and what to try next.
  let low = 0;
  let next = Math.min(halvings(args.start), MOST_HALVINGS);
  let variants = args.variants;
  const mayTry = () => bench.epochsLeft() >= 2 * finalEpochs + trialEpochs;
  for (let failed = false; mayTry() && (!failed || low === 0);) {
    const [favourite, ...rivals] = variants;
    let trial = await attempt(favourite, next, trialEpochs);
    for (const rival of holds(trial) || failed ? [] : rivals) {
      if (mayTry()) {
        const other = await attempt(rival, next, trialEpochs);
        trial = byDrop(other, trial) < 0 ? other : trial;
      }
    }
    variants = holds(trial) ? [trial.candidate, ...without(variants, trial)] : [trial.candidate];
    failed ||= !holds(trial);
    low = holds(trial) ? next : low;
    if (low >= MOST_HALVINGS) {
      break;
    }
    if (holds(trial) || low === 0) {
      next = holds(trial) ? Math.min(low + 1, MOST_HALVINGS) : next / 2;
    }
  }

  const isSafe = () => trials.some((each) => holds(each) && each.candidate.epochs === finalEpochs);
  let fails: number | null = null;
  while (bench.epochsLeft() >= finalEpochs || trials.length === 0) {
    const safest = best();
    if (!isSafe() && bench.epochsLeft() < 2 * finalEpochs && safest && holds(safest)) {
      // The last long trial is of what has held.
      await attempt(safest.candidate, halvings(safest.candidate.sparsity), finalEpochs);
      break;
    }
    const trial = await attempt(variants[0], next, finalEpochs);
    low = holds(trial) ? Math.max(low, next) : low;
    fails = holds(trial) ? fails : Math.min(fails ?? next, next);
    if (low >= MOST_HALVINGS || (fails !== null && fails - low <= RESOLUTION)) {
      break;
    }
    next = fails === null ? Math.min(low + 0.5, MOST_HALVINGS) : (low + fails) / 2;
  }
  const found = best();
  return found && holds(found) ? found : null;
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
