import type {Tensor} from '@tensorflow/tfjs-core';
import {clone, dispose, keep} from '@tensorflow/tfjs-core';

import {check} from '../base/check';
import {PruningError} from '../base/errors';
import {isDataset, type SampleDataset} from '../data/samples';
import {BatchWatch, LabelWatch} from './label_watch';
import {firstOf, type Inputs, type Teacher} from './teacher';

interface Batch {
  xs: Inputs;
  ys: Tensor;
}

/** A dataset's targets, kept from its first epoch for those that follow. */
class Cache {
  private readonly batches: Tensor[][] = [];
  private readonly watch = new BatchWatch();

  /** The targets of the batch with this number, the caller's to dispose. */
  targets(batch: number, {xs, ys}: Batch, compute: () => Tensor[]): Tensor[] {
    this.watch.look(batch, [...[xs].flat(), ys]);
    this.batches[batch] ??= compute().map((tensor) => keep(tensor));
    return this.batches[batch].map((tensor) => clone(tensor));
  }

  async check(): Promise<void> {
    await this.watch.throwIfOther();
  }

  dispose(): void {
    dispose(this.batches.splice(0));
    this.watch.dispose();
  }
}

/** A dataset with a teacher's targets in place of its labels. */
export class TaughtDataset {
  private readonly watch = new LabelWatch();
  private readonly cache: Cache | null;

  /** @param isCached Whether the teacher is asked in the first epoch alone. */
  constructor(
    private readonly teacher: Teacher,
    private readonly inner: SampleDataset,
    isCached: boolean,
  ) {
    check(isDataset(inner), 'dataset', 'a tf.data.Dataset', inner);
    this.cache = isCached ? new Cache() : null;
  }

  get size(): number {
    return this.inner.size;
  }

  async iterator(): Promise<AsyncGenerator<{xs: Inputs; ys: Tensor | Tensor[]}, void>> {
    // An epoch that was stopped has left it in use.
    this.watch.dispose();
    return this.batches(await this.inner.iterator());
  }

  /** Frees what is cached. */
  dispose(): void {
    this.watch.dispose();
    this.cache?.dispose();
  }

  private async *batches(
    inner: Awaited<ReturnType<SampleDataset['iterator']>>,
  ): AsyncGenerator<{xs: Inputs; ys: Tensor | Tensor[]}, void> {
    let count = 0;
    for (let next = await inner.next(); !next.done; next = await inner.next()) {
      const batch = checkBatch(next.value);
      const targets = this.targets(count, batch);
      ++count;
      yield {xs: batch.xs, ys: targets.length === 1 ? targets[0] : targets};
    }
    check(count > 0, 'dataset', 'at least one batch', 'none');
    await this.watch.throwIfNotOneHot();
    await this.cache?.check();
  }

  /** The targets of a batch, whose labels go. */
  private targets(number: number, batch: Batch): Tensor[] {
    const {xs, ys} = batch;
    let labels = ys;
    try {
      labels = this.teacher.labels(xs, ys);
      this.watch.look(labels);
      const compute = () => this.teacher.targets(xs, labels, firstOf(xs).shape[0]);
      return this.cache ? this.cache.targets(number, batch, compute) : compute();
    } catch (error) {
      dispose(xs);
      throw error;
    } finally {
      dispose([labels, ys]);
    }
  }
}

function checkBatch(value: unknown): Batch {
  const {xs, ys} = Object(value) as {xs?: Inputs; ys?: Tensor | Tensor[]};
  const [labels] = [ys].flat();
  const isTensor = (each: unknown) => typeof Object(each).dataId === 'object';
  if (![xs].flat().every(isTensor) || [ys].flat().length !== 1 || !isTensor(labels)) {
    throw new PruningError(
      'dataset',
      'batches {xs, ys} of tensors, with one tensor of labels',
      Object.keys(Object(value)).join(', ') || String(value),
    );
  }
  return {xs: xs as Inputs, ys: labels as Tensor};
}
