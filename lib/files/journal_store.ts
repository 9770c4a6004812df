/** Storage for a journal, such as a file, `localStorage` or a database. */
export interface JournalStore {
  /** Returns the text that was written last, or `null` if there is none. */
  read(): Promise<string | null> | string | null;
  /** Replaces the stored text, as a whole or not at all. */
  write(text: string): Promise<void> | void;
}
