import type {KernelSession} from '../session';
import {encode, encodedBytes, type Encoding, type Form} from './encoding';
import {countBlocks, type BlockSize, type Counts, type Matrix} from './matrix';

/** A weight may meet inputs of many sizes; so many encodings are kept. */
const MOST_ENCODINGS = 8;

/** A weight with many zeros, and its encodings, which are made when they are first needed. */
export class SparseWeight {
  /** How many have registered it. */
  holders = 0;
  /** By the work that they were chosen for. */
  private readonly chosen = new Map<number | string, Form | undefined>();
  private readonly shared = new Map<string, Form>();
  private readonly encodings = new Map<Form, Encoding>();
  private readonly counts = new Map<string, Counts>();

  constructor(
    private readonly session: KernelSession,
    private readonly dataId: object,
  ) {}

  /** What `choose` gave for this work the first time: `undefined` where dense is quicker. */
  form<F extends Form>(work: number | string, choose: () => F | undefined): F | undefined {
    const known = this.chosen.get(work);
    if (known || this.chosen.has(work)) {
      return known as F | undefined;
    }
    const form = choose();
    this.chosen.set(work, form);
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
