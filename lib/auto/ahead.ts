import type {Candidate} from './candidate';
import type {Outcome, Workbench} from './search';

/** A search over the candidates of a bench. */
export type Search<T = unknown> = (bench: Workbench) => Promise<T>;

/** What is known of a search that is under way. */
export interface Known {
  /** What came of a candidate, if that is known. */
  find(candidate: Candidate): Outcome | undefined;
  /** Epochs of the whole budget. */
  epochs: number;
}

/** Replays at most, of which each takes less than a millisecond. */
const MOST_REPLAYS = 200;

/** A search that has come to a candidate of which nothing is known. */
class Halt extends Error {
  constructor(readonly candidate: Candidate) {
    super('The outcome of a candidate is not known.');
  }
}

/**
 * The candidates that `search` may ask for next, the surest first. A search decides by
 * outcomes alone, so it is replayed with those that are known; where one is not, once as if
 * that candidate were as good as can be and once as if it were as bad. What is asked for in
 * both cases is sure.
 *
 * @param count How many are wanted; there may be fewer.
 */
export async function upcoming(search: Search, known: Known, count: number): Promise<Candidate[]> {
  const found = new Map<string, {candidate: Candidate; weight: number}>();
  let level: boolean[][] = [[]];
  let replays = 0;
  // One assumption more at each level: it ends where all replays come to their end.
  while (level.length > 0 && replays < MOST_REPLAYS) {
    const next: boolean[][] = [];
    for (const assumed of level.slice(0, MOST_REPLAYS - replays)) {
      ++replays;
      const candidate = await replay(search, known, assumed);
      if (candidate) {
        const key = JSON.stringify(candidate);
        const entry = found.get(key) ?? {candidate, weight: 0};
        entry.weight += 2 ** -assumed.length;
        found.set(key, entry);
        next.push([...assumed, true], [...assumed, false]);
      }
    }
    level = found.size < 2 * count ? next : [];
  }
  const all = [...found.values()].sort((a, b) => b.weight - a.weight);
  return all.slice(0, count).map(({candidate}) => candidate);
}

/** The first candidate of which nothing is known or assumed; `null` where the search ends before. */
async function replay(
  search: Search,
  {find, epochs}: Known,
  assumed: readonly boolean[],
): Promise<Candidate | null> {
  let used = 0;
  let spent = 0;
  try {
    await search({
      epochsLeft: () => epochs - spent,
      tryOut: async (candidate) => {
        const outcome = find(candidate) ?? imagined(candidate, assumed[used++]);
        spent += candidate.epochs;
        return outcome;
      },
    });
    return null;
  } catch (error) {
    if (error instanceof Halt) {
      return error.candidate;
    }
    throw error;
  }
}

/** A drop that is beyond all that are measured. */
const FAR = 1e9;

function imagined(candidate: Candidate, isGood: boolean | undefined): Outcome {
  if (isGood === undefined) {
    throw new Halt(candidate);
  }
  const {sparsity} = candidate;
  // Of several the sparser one is the better one.
  const drop = isGood ? -FAR * (1 + sparsity) : FAR;
  return {metric: -drop, drop, sparsity, parameters: 1 - sparsity};
}
