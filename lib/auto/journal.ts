import {check} from '../base/check';
import {PruningError} from '../base/errors';
import {JournalStore} from '../files/journal_store';
import type {Candidate} from './candidate';
import type {Outcome} from './search';
import type {SensitivityResult} from './sensitivity';

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

/** What a journal holds. */
interface Pages {
  version: 1;
  /** The model's fingerprint. */
  model: string;
  /** The arguments that the trials rest on. */
  settings: string;
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
   * @throws PruningError for one of another model or other arguments, and for
   *   what is no journal.
   */
  static async open(
    store: JournalStore | undefined,
    model: string,
    settings: string,
  ): Promise<Journal> {
    const text = (await store?.read()) ?? null;
    const fresh: Pages = {version: 1, model, settings, entries: []};
    if (text === null || text === '') {
      return new Journal(store, fresh);
    }
    const pages = parse(text);
    check(pages.model === model, 'journal', `one of this model, ${model}`, pages.model);
    check(pages.settings === settings, 'journal', `one of ${settings}`, pages.settings);
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

function parse(text: string): Pages {
  let pages: Partial<Pages> | null;
  try {
    pages = JSON.parse(text) as Partial<Pages> | null;
  } catch (cause) {
    throw new PruningError('journal', 'JSON that autoPrune wrote', text.slice(0, 40), {cause});
  }
  const isJournal = pages?.version === 1 && Array.isArray(pages.entries);
  check(isJournal, 'journal', 'JSON that autoPrune wrote', text.slice(0, 40));
  return pages as Pages;
}
