import type {KernelSession} from '../session';
import {chooseBlock, type Work} from './cost';
import {encode, encodedBytes, type Encoding} from './encoding';
import {countBlocks, type BlockSize, type Counts, type Matrix} from './matrix';

/** A weight may meet inputs of many sizes; as many encodings are kept. */
const MOST_FORMS = 2;

/** A weight with many zeros, and its encodings, which are made when they are first needed. */
export class SparseWeight {
  /** How many have registered it. */
  holders = 0;
  private readonly forms = new Map<string, Encoding>();
  private readonly counts = new Map<string, Counts>();
  /** Choices by work: looking one up is quicker than computing it. */
  private readonly choices = new Map<string, BlockSize | undefined>();

  constructor(
    private readonly session: KernelSession,
    private readonly dataId: object,
  ) {}

  /** The block size that suits some work best; `undefined` where dense is quicker. */
  blockFor(key: string, matrix: Matrix, work: Work): BlockSize | undefined {
    if (!this.choices.has(key)) {
      this.choices.set(key, chooseBlock(matrix, this.countsOf(matrix), work));
    }
    return this.choices.get(key);
  }

  /** The encoding with these offsets, made at the first call with `key`. */
  encoding(key: string, matrix: Matrix, block: BlockSize, offsets: () => Uint32Array): Encoding {
    const known = this.forms.get(key);
    if (known) {
      return known;
    }
    for (const [oldest, {starts}] of this.forms) {
      if (this.forms.size >= MOST_FORMS) {
        this.session.free(starts);
        this.forms.delete(oldest);
      }
    }
    const {session} = this;
    const at = session.addressOf({dataId: this.dataId});
    const encoding = encode(session, at, matrix, this.countsOf(matrix), block, offsets());
    this.forms.set(key, encoding);
    return encoding;
  }

  /** Of the encodings; of one, while there is none. */
  bytes(matrix: Matrix, block: BlockSize): number {
    const made = [...this.forms.values()].reduce((sum, {bytes}) => sum + bytes, 0);
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
    this.forms.forEach(({starts}) => this.session.free(starts));
    this.forms.clear();
  }
}
