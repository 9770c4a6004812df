import {appendFileSync, existsSync, mkdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

/**
 * Outcomes of a benchmark that takes long, by key, in `out/bench`: started again after
 * an interruption, it goes on where it was. Delete the file to measure anew.
 */
export class Remembered<Outcome> {
  private readonly file: string;
  private readonly known = new Map<string, Outcome>();

  constructor(name: string) {
    const folder = join('out', 'bench');
    mkdirSync(folder, {recursive: true});
    this.file = join(folder, `${name}.jsonl`);
    const lines = existsSync(this.file) ? readFileSync(this.file, 'utf8').split('\n') : [];
    for (const line of lines.filter(Boolean)) {
      const [key, outcome] = JSON.parse(line) as [string, Outcome];
      this.known.set(key, outcome);
    }
  }

  /** The outcome of `key`, measured by `run` if it is not known. */
  async of(key: string, run: () => Promise<Outcome>): Promise<Outcome> {
    const known = this.known.get(key);
    if (known !== undefined) {
      return known;
    }
    const outcome = await run();
    this.known.set(key, outcome);
    appendFileSync(this.file, `${JSON.stringify([key, outcome])}\n`);
    console.log(`${key}: ${JSON.stringify(outcome)}`);
    return outcome;
  }
}
