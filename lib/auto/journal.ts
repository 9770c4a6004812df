import {check} from '../base/check';
import {PruningError} from '../base/errors';
import type {JournalStore} from '../files/journal_store';
import type {Candidate} from './candidate';
import {checkJournal} from './check_journal';
import type {Outcome} from './search';
import type {SensitivityResult} from './sensitivity';
import type {Settings} from './settings';

/** A trial in a journal. */
export interface Entry {
  candidate: Candidate;
  outcome: Outcome;
  seconds: number;
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
}

/** What trials rest on. */
interface Ground {
  /** The model's fingerprint. */
  model: string;
  settings: Settings;
}

/** What a journal holds. */
interface Pages extends Ground {
  version: 2;
  start?: Start;
  entries: Entry[];
}

/** What was found out before, so that it need not be again. */
export class Journal {
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
      return new Journal(store, {version: 2, model: '', settings: {}, entries: []});
    }
    const text = await store.read();
    const ground = await groundOf();
    if (text === null || text === '') {
      return new Journal(store, {version: 2, ...ground, entries: []});
    }
    const pages = parse(text);
    checkGround(ground, pages);
    checkJournal(pages, ground.settings.layers as string[]);
    return new Journal(store, pages);
  }

  get start(): Start | undefined {
    return this.pages.start;
  }

  /** What came of this candidate, if it was tried. */
  find(candidate: Candidate): Entry | undefined {
    const key = JSON.stringify(candidate);
    return this.pages.entries.find((entry) => JSON.stringify(entry.candidate) === key);
  }

  async begin(start: Start): Promise<void> {
    this.pages.start = start;
    await this.save();
  }

  async add(entry: Entry): Promise<void> {
    this.pages.entries.push(entry);
    await this.save();
  }

  private async save(): Promise<void> {
    await this.store?.write(JSON.stringify(this.pages, null, 2));
  }
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
    pages?.version === 2 &&
    typeof pages.settings === 'object' &&
    pages.settings !== null &&
    Array.isArray(pages.entries);
  check(isJournal, 'journal', 'JSON that autoPrune wrote', text.slice(0, 40));
  return pages as Pages;
}
