import type {Tensor} from '@tensorflow/tfjs-core';
import {dispose} from '@tensorflow/tfjs-core';

import {check} from '../base/check';
import {PruningError} from '../base/errors';
import {isDataset, type SampleDataset} from '../data/samples';
import {Answers} from './answers';
import {LabelWatch} from './label_watch';
import {firstOf, isTensor, type Inputs, type Labels, type Teacher} from './teacher';

interface Batch {
  xs: Inputs;
  ys: Labels;
}

/** A batch with targets. */
interface TaughtBatch {
  xs: Inputs;
  ys: Tensor | Tensor[];
}

/** A dataset with a teacher's targets in place of its labels. */
export class TaughtDataset {
  private readonly watch: LabelWatch;
  private readonly answers: Answers | null;

  /** @param isCached Whether the teacher is asked once for each sample. */
  constructor(
    private readonly teacher: Teacher,
    private readonly inner: SampleDataset,
    isCached: boolean,
  ) {
    check(isDataset(inner), 'dataset', 'a tf.data.Dataset', inner);
    this.watch = new LabelWatch(teacher.outputs);
    this.answers = isCached ? new Answers(teacher) : null;
  }

  get size(): number {
    return this.inner.size;
  }

  async iterator(): Promise<AsyncGenerator<TaughtBatch, void>> {
    // An epoch that was stopped has left it in use.
    this.watch.dispose();
    this.answers?.begin();
    return this.batches(await this.inner.iterator());
  }

  /** Frees what is cached. */
  dispose(): void {
    this.watch.dispose();
    this.answers?.dispose();
  }

  private async *batches(
    inner: Awaited<ReturnType<SampleDataset['iterator']>>,
  ): AsyncGenerator<TaughtBatch, void> {
    let count = 0;
    for (let next = await inner.next(); !next.done; next = await inner.next()) {
      const batch = checkBatch(next.value);
      const targets = await this.targets(batch);
      ++count;
      yield {xs: batch.xs, ys: targets.length === 1 ? targets[0] : targets};
    }
    check(count > 0, 'dataset', 'at least one batch', 'none');
    await this.watch.throwIfWrong();
    this.answers?.end();
  }

  /** The targets of a batch, whose labels go. */
  private async targets({xs, ys}: Batch): Promise<Tensor[]> {
    let labels: Tensor[] = [];
    let said: Tensor[] = [];
    try {
      labels = this.teacher.labels(xs, ys);
      this.watch.look(labels);
      const {answers, teacher} = this;
      said = answers ? await answers.of(xs) : teacher.ask(xs, firstOf(xs).shape[0]);
      return teacher.targets(labels, said);
    } catch (error) {
      dispose(xs);
      throw error;
    } finally {
      dispose([labels, said, ys] as Parameters<typeof dispose>[0]);
    }
  }
}

function checkBatch(value: unknown): Batch {
  const {xs, ys} = Object(value) as {xs?: Inputs; ys?: Labels};
  if (![xs].flat().every(isTensor) || typeof ys !== 'object' || ys === null) {
    throw new PruningError(
      'dataset',
      'batches {xs, ys} of tensors',
      Object.keys(Object(value) as object).join(', ') || String(value),
    );
  }
  return {xs: xs as Inputs, ys};
}
