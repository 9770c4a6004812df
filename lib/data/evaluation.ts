import {dispose, type Scalar} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {PruningError} from '../base/errors';
import {datasetOf, samplesIn, sizeOf} from './batches';
import {checkFit} from './fit_to_model';
import {isDataset, type SampleDataset, type Samples} from './samples';

/**
 * How to judge a model: by `'accuracy'` or `'loss'` as it was compiled, or by a function
 * of your own for which higher is better.
 */
export type EvaluationMetric =
  'accuracy' | 'loss' | ((model: LayersModel) => number | Promise<number>);

/** Samples that are evaluated together where nothing else is said. */
export const EVALUATED_TOGETHER = 128;

const FINITE_METRIC = 'a function that gives finite numbers';

/** Judges `model` as it is now. */
export class Evaluation {
  /** Samples in the data; 0 before the first value of a dataset. */
  samples = 0;

  /**
   * @param argument What errors call the data.
   * @throws PruningError for a model that is not compiled, or not with the metric.
   */
  constructor(
    private readonly model: LayersModel,
    private readonly data: Samples,
    private readonly metric: EvaluationMetric,
    private readonly argument = 'data',
  ) {
    if (!isDataset(data)) {
      this.samples = sizeOf(data);
    }
    if (typeof metric === 'function') {
      return;
    }
    check(model.optimizer != null, 'model', 'a compiled model', `'${model.name}' without a loss`);
    check(
      ['accuracy', 'loss'].includes(metric),
      'metric',
      `'accuracy', 'loss' or a function`,
      metric,
    );
    check(
      positionOf(metric, model) >= 0,
      'metric',
      `'loss', a function, or a model compiled with metrics: ['accuracy']`,
      metric,
    );
    checkFit(model, data, argument);
  }

  /** What the metric is called. */
  get name(): string {
    return typeof this.metric === 'function' ? this.metric.name || 'metric' : this.metric;
  }

  /**
   * Throws where no metric can drop by `maxDrop`.
   *
   * @throws PruningError for 1 or more of an accuracy.
   */
  checkDrop(maxDrop: number | undefined): void {
    const isShare = this.metric !== 'accuracy' || maxDrop === undefined || maxDrop < 1;
    check(isShare, 'maxDrop', 'a share of accuracy, such as 0.02 for 2 points', maxDrop);
  }

  /** How much worse `value` is than `baseline`; below 0 where it is better. */
  drop(baseline: number, value: number): number {
    return this.metric === 'loss' ? value - baseline : baseline - value;
  }

  /** The metric; NaN where training has diverged. */
  async value(): Promise<number> {
    if (typeof this.metric === 'function') {
      const value: unknown = await this.metric(this.model);
      check(typeof value === 'number', 'metric', FINITE_METRIC, value);
      return Number.isFinite(value) ? value : NaN;
    }
    return (await this.evaluate())[positionOf(this.metric, this.model)];
  }

  /**
   * The metric of the model as it is at first.
   *
   * @throws PruningError where it is not finite: nothing could be compared with it.
   */
  async baseline(): Promise<number> {
    const value = await this.value();
    const [argument, expected] =
      typeof this.metric === 'function'
        ? ['metric', FINITE_METRIC]
        : [this.argument, `data with a finite ${this.name}`];
    check(Number.isFinite(value), argument, expected, value);
    return value;
  }

  /** The loss, and the accuracy of a model that is compiled with it, in one evaluation. */
  async lossAndAccuracy(): Promise<{loss: number; accuracy?: number}> {
    const values = await this.evaluate();
    const [loss, accuracy] = (['loss', 'accuracy'] as const).map((metric) =>
      positionOf(metric, this.model),
    );
    return {loss: values[loss], ...(accuracy >= 0 && {accuracy: values[accuracy]})};
  }

  /** What `evaluate` gives. */
  private async evaluate(): Promise<number[]> {
    const scalars = await this.scalars();
    try {
      check(scalars.length > 0, this.argument, 'at least one batch', 'an empty dataset');
      return await Promise.all(scalars.map(async (scalar) => (await scalar.data())[0]));
    } finally {
      dispose(scalars);
    }
  }

  private async scalars(): Promise<Scalar[]> {
    const {model, data} = this;
    try {
      const dataset = datasetOf(data, {batchSize: EVALUATED_TOGETHER});
      return [await model.evaluateDataset(this.counted(dataset) as never)].flat();
    } catch (cause) {
      throw cause instanceof PruningError
        ? cause
        : new PruningError(
            this.argument,
            'samples that the model takes',
            (cause as Error).message,
            {cause},
          );
    }
  }

  /** `data`, whose samples are counted on the way. */
  private counted(data: SampleDataset): SampleDataset {
    const iterator = async () => {
      const inner = await data.iterator();
      this.samples = 0;
      const next = async () => {
        const result = await inner.next();
        this.samples += samplesIn(result.value);
        return result;
      };
      return {next};
    };
    return {size: data.size, iterator};
  }
}

/** Where a metric is in what `evaluate` gives; −1 where it is not. */
function positionOf(metric: 'accuracy' | 'loss', model: LayersModel): number {
  // With several outputs tfjs puts sums of their losses first, the last of which is the loss.
  const first = model.outputs.length - 1;
  if (metric === 'loss') {
    return first;
  }
  const found = accuracyOf(model);
  return found < 0 ? -1 : first + found;
}

/** The metric of a model where none is given: its accuracy if it is compiled with one, or its loss. */
export function defaultMetric(model: LayersModel): 'accuracy' | 'loss' {
  return accuracyOf(model) < 0 ? 'loss' : 'accuracy';
}

/** The position of the accuracy among the names of a model's metrics, −1 without one. */
function accuracyOf(model: LayersModel): number {
  // A model that is not compiled has no list of names.
  const names = model.metricsNames ?? [];
  return names.findIndex((name) => /(^|_)acc$|accuracy$/i.test(name));
}
