import {dispose, gather, type Tensor, tensor, tensor1d, tidy} from '@tensorflow/tfjs-core';

import {check} from '../base/check';
import {Hash} from '../base/hash';
import {firstOf, type Inputs, type Teacher} from './teacher';

/**
 * What a teacher has said, sample by sample: it is asked once for each, whatever
 * the batches are in which samples come.
 */
export class Answers {
  private readonly known = new Map<string, Float32Array[]>();
  private shapes: number[][] = [];
  /** Whether all samples were seen. */
  private isWhole = false;
  private samples = 0;
  private asked = 0;

  constructor(private readonly teacher: Teacher) {}

  /** A walk over the samples begins. */
  begin(): void {
    this.samples = 0;
    this.asked = 0;
  }

  /** What the teacher says of a batch, the caller's to dispose. */
  async of(xs: Inputs): Promise<Tensor[]> {
    const keys = await keysOf([xs].flat());
    const fresh = [...new Set(keys)].filter((key) => !this.known.has(key));
    this.samples += keys.length;
    this.asked += fresh.length;
    if (fresh.length > 0) {
      await this.ask(
        xs,
        fresh,
        fresh.map((key) => keys.indexOf(key)),
      );
    }
    return this.shapes.map((shape, output) => {
      const size = shape.reduce((all, side) => all * side, 1);
      const values = new Float32Array(keys.length * size);
      keys.forEach((key, i) => values.set(this.known.get(key)![output], i * size));
      return tensor(values, [keys.length, ...shape]);
    });
  }

  /**
   * A walk over the samples has ended.
   *
   * @throws PruningError where most samples of a later walk were new.
   */
  end(): void {
    check(
      !this.isWhole || 2 * this.asked <= this.samples,
      'cache',
      'a dataset of the same samples each time, such as one without random changes',
      `${this.asked} new ones of ${this.samples}`,
    );
    this.isWhole = true;
  }

  /** Forgets what was said. */
  dispose(): void {
    this.known.clear();
    this.isWhole = false;
  }

  private async ask(xs: Inputs, keys: readonly string[], places: readonly number[]): Promise<void> {
    const [count] = firstOf(xs).shape;
    const some = (each: Tensor) => gather(each, tensor1d([...places], 'int32'));
    const said = tidy(() => {
      const new_ = keys.length === count ? xs : Array.isArray(xs) ? xs.map(some) : some(xs);
      return this.teacher.ask(new_, keys.length);
    });
    try {
      this.shapes = said.map(({shape}) => shape.slice(1));
      const values = await Promise.all(said.map((each) => each.data<'float32'>()));
      keys.forEach((key, i) =>
        this.known.set(
          key,
          values.map((each) => {
            const size = each.length / keys.length;
            return each.slice(i * size, (i + 1) * size);
          }),
        ),
      );
    } finally {
      dispose(said);
    }
  }
}

/** What each sample is known by. */
async function keysOf(xs: readonly Tensor[]): Promise<string[]> {
  const values = await Promise.all(xs.map((each) => each.data()));
  const [count] = xs[0].shape;
  return Array.from({length: count}, (_, sample) => {
    const hash = new Hash();
    values.forEach((all) => {
      const size = all.length / count;
      hash.floats(all.subarray(sample * size, (sample + 1) * size));
    });
    return hash.digest();
  });
}
