/** Where a journal is kept: a file, `localStorage`, a database. */
export interface JournalStore {
  /** The text that was written last; `null` where there is none. */
  read(): Promise<string | null> | string | null;
  /** Keeps the text in place of what was there, whole or not at all. */
  write(text: string): Promise<void> | void;
}
