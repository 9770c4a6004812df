import type {KernelSession} from '../session';
import {encode, encodedBytes, type Encoding, type Form} from './encoding';
import {countBlocks, type BlockSize, type Counts, type Matrix} from './matrix';

/** A weight may meet inputs of many sizes; so many encodings are kept. */
const MOST_ENCODINGS = 8;
/** How many kinds of work are known. */
const MOST_KINDS = 64;

/** A weight with many zeros, and its encodings, which are made when they are first needed. */
export class SparseWeight {
  /** How many have registered it. */
  holders = 0;
  /** With the work that they were chosen for. */
  private chosen: {readonly work: readonly number[]; readonly form: Form | undefined}[] = [];
  private readonly shared = new Map<string, Form>();
  private readonly encodings = new Map<Form, Encoding>();
  private readonly counts = new Map<string, Counts>();

  constructor(
    private readonly session: KernelSession,
    private readonly dataId: object,
  ) {}

  /**
   * What `choose` gave for this work the first time: `undefined` where dense is quicker.
   *
   * @param work All that the choice depends on.
   */
  form<F extends Form>(work: readonly number[], choose: () => F | undefined): F | undefined {
    // At each call: to compare numbers is quicker than to make a key of them.
    for (const known of this.chosen) {
      if (areEqual(known.work, work)) {
        return known.form as F | undefined;
      }
    }
    const form = choose();
    this.chosen = [{work, form}, ...this.chosen.slice(0, MOST_KINDS - 1)];
    return form;
  }

  /** A form that several kinds of work share. */
  sharedForm(key: string, make: () => Form): Form {
    const form = this.shared.get(key) ?? make();
    this.shared.set(key, form);
    return form;
  }

  /** The encoding in this form, made at the first call. */
  encoding(form: Form): Encoding {
    const known = this.encodings.get(form);
    if (known) {
      return known;
    }
    const [oldest] = this.encodings;
    if (oldest && this.encodings.size === MOST_ENCODINGS) {
      this.session.free(oldest[1].starts);
      this.encodings.delete(oldest[0]);
    }
    const {session} = this;
    const encoding = encode(session, session.addressOf({dataId: this.dataId}), form);
    this.encodings.set(form, encoding);
    return encoding;
  }

  /** Of the encodings; of one, while there is none. */
  bytes(matrix: Matrix, block: BlockSize): number {
    const made = [...this.encodings.values()].reduce((sum, {bytes}) => sum + bytes, 0);
    return made || encodedBytes(matrix, this.countsOf(matrix), block);
  }

  countsOf(matrix: Matrix): Counts {
    const key = `${matrix.inputs},${matrix.outputs},${matrix.transposed}`;
    let counts = this.counts.get(key);
    if (!counts) {
      const at = this.session.addressOf({dataId: this.dataId});
      counts = countBlocks(this.session.floats(at, matrix.inputs * matrix.outputs), matrix);
      this.counts.set(key, counts);
    }
    return counts;
  }

  free(): void {
    this.encodings.forEach(({starts}) => this.session.free(starts));
    this.encodings.clear();
  }
}

function areEqual(a: readonly number[], b: readonly number[]): boolean {
  for (let i = 0; i < a.length; ++i) {
    if (a[i] !== b[i]) {
      return false;
    }
  }
  return a.length === b.length;
}
