import {check} from '../base/check';
import {PruningError} from '../base/errors';
import type {JournalStore} from '../files/journal_store';
import type {Candidate} from './candidate';
import {checkJournal} from './check_journal';
import type {Cost} from './cost';
import type {Settings} from './material';
import type {Outcome} from './search';
import type {SensitivityResult} from './sensitivity_result';
import type {Sparsities} from './within_cost';

/** A trial in a journal. */
export interface Entry {
  candidate: Candidate;
  outcome: Outcome;
  /** Seconds that it took. */
  seconds: number;
  /** Seconds that the search waited for it, if others than those that it took. */
  waited?: number;
}

/** The model before pruning. */
export interface Start {
  /** Its metric. */
  baseline: number;
  sensitivity: SensitivityResult;
  /** Samples that it was measured on. */
  samples: number;
  /** Seconds that it took. */
  seconds: number;
  /** What the model costs. */
  cost: Cost;
  /** The sparsities that keep a cost, where one is the goal; none for another goal. */
  sparsities: Sparsities;
}

/** What trials rest on. */
interface Ground {
  /** The model's fingerprint. */
  model: string;
  settings: Settings;
}

/** What a journal holds. */
interface Pages extends Ground {
  version: 3;
  start?: Start;
  entries: Entry[];
  /** Trials that nothing has asked for yet. */
  ahead?: Entry[];
}

/** What was found out before, so that it need not be again. */
export class Journal {
  private saved: Promise<void> = Promise.resolve();

  private constructor(
    private readonly store: JournalStore | undefined,
    private readonly pages: Pages,
  ) {}

  /**
   * Opens the journal in `store`, or begins one.
   *
   * @param groundOf What its trials are to rest on; asked only where there is a store.
   * @throws PruningError for one of another model or other settings, and for
   *   what is no journal.
   */
  static async open(
    store: JournalStore | undefined,
    groundOf: () => Promise<Ground>,
  ): Promise<Journal> {
    if (store === undefined) {
      return new Journal(store, {version: 3, model: '', settings: {}, entries: []});
    }
    const text = await store.read();
    const ground = await groundOf();
    if (text === null || text === '') {
      return new Journal(store, {version: 3, ...ground, entries: []});
    }
    const pages = parse(text);
    checkGround(ground, pages);
    checkJournal(pages, ground.settings.layers as string[]);
    return new Journal(store, {
      ...pages,
      ...(pages.start ? {start: begun(pages.start)} : {}),
      entries: pages.entries.map(revived),
      ahead: (pages.ahead ?? []).map(revived),
    });
  }

  /** Trials that nothing has asked for yet. */
  get ahead(): readonly Entry[] {
    return this.pages.ahead ?? [];
  }

  get start(): Start | undefined {
    return this.pages.start;
  }

  /** What came of this candidate, if it was tried. */
  find(candidate: Candidate): Entry | undefined {
    return findIn(this.pages.entries, candidate);
  }

  /** What came of this candidate, if it was tried before anything asked for it. */
  findAhead(candidate: Candidate): Entry | undefined {
    return findIn(this.ahead, candidate);
  }

  async begin(start: Start): Promise<Start> {
    this.pages.start = start;
    await this.save();
    return start;
  }

  async add(entry: Entry): Promise<void> {
    this.pages.entries.push(entry);
    const ahead = this.findAhead(entry.candidate);
    this.pages.ahead = this.ahead.filter((each) => each !== ahead);
    await this.save();
  }

  async addAhead(entry: Entry): Promise<void> {
    this.pages.ahead = [...this.ahead, entry];
    await this.save();
  }

  /** One after the other: trials may end while another one is noted. */
  private save(): Promise<void> {
    const {ahead = [], ...pages} = this.pages;
    const text = JSON.stringify(ahead.length > 0 ? {...pages, ahead} : pages, null, 2);
    this.saved = this.saved.catch(() => {}).then(() => this.store?.write(text));
    return this.saved;
  }
}

function findIn(entries: readonly Entry[], candidate: Candidate): Entry | undefined {
  const key = JSON.stringify(candidate);
  return entries.find((entry) => JSON.stringify(entry.candidate) === key);
}

/** JSON has no number for what came of a training that diverged. */
function revived(entry: Entry): Entry {
  const {metric, drop} = entry.outcome as {metric: number | null; drop: number | null};
  return {...entry, outcome: {...entry.outcome, metric: metric ?? NaN, drop: drop ?? NaN}};
}

/** The same of a measurement of a layer. */
function begun(start: Start): Start {
  const layers = start.sensitivity.layers.map((layer) => ({
    ...layer,
    points: layer.points.map((point) => ({
      ...point,
      metric: (point.metric as number | null) ?? NaN,
    })),
  }));
  return {...start, sensitivity: {...start.sensitivity, layers}};
}

/** Throws where the journal rests on something else, and names it. */
function checkGround({model, settings}: Ground, pages: Pages): void {
  check(pages.model === model, 'journal', `one of this model, ${model}`, pages.model);
  const show = (value: unknown) => JSON.stringify(value);
  const parts = Object.keys({...pages.settings, ...settings});
  const others = parts.filter((part) => show(pages.settings[part]) !== show(settings[part]));
  const list = (from: Settings) => others.map((part) => `${part}: ${show(from[part])}`).join(', ');
  check(others.length === 0, 'journal', `one of ${list(settings)}`, list(pages.settings));
}

function parse(text: string): Pages {
  let pages: Partial<Pages> | null;
  try {
    pages = JSON.parse(text) as Partial<Pages> | null;
  } catch (cause) {
    throw new PruningError('journal', 'JSON that autoPrune wrote', text.slice(0, 40), {cause});
  }
  const isJournal =
    pages?.version === 3 &&
    typeof pages.settings === 'object' &&
    pages.settings !== null &&
    Array.isArray(pages.entries);
  check(isJournal, 'journal', 'JSON that autoPrune wrote', text.slice(0, 40));
  return pages as Pages;
}
