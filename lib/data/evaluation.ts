import type {Scalar, Tensor} from '@tensorflow/tfjs-core';
import {dispose} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check, checkInteger, checkOptions} from '../base/check';
import {PruningError} from '../base/errors';
import type {TrainingDataset} from './dataset';

/** Samples in memory, as `evaluate` takes them. */
export interface EvaluationTensors {
  /** Inputs, samples first; a list for a model with several. */
  x: Tensor | Tensor[];
  /** Targets, samples first; a list for a model with several outputs. */
  y: Tensor | Tensor[];
  /** Samples that go through the model at a time, at least 1. Default: 128. */
  batchSize?: number;
}

/** Samples to evaluate a model with: tensors, or a dataset of `{xs, ys}`. */
export type EvaluationData = EvaluationTensors | TrainingDataset;

/**
 * What a model is judged by: `'accuracy'` or `'loss'` as it was compiled, or a
 * number of your own of which more is better.
 */
export type EvaluationMetric =
  'accuracy' | 'loss' | ((model: LayersModel) => number | Promise<number>);

/** Throws unless `data` is of the right form. */
export function checkData(argument: string, data: unknown): asserts data is EvaluationData {
  const expected = 'data {x, y} or a dataset of {xs, ys}';
  check(typeof data === 'object' && data !== null, argument, expected, data);
  if (isDataset(data as EvaluationData)) {
    const {size} = data as TrainingDataset;
    check(size !== Infinity, argument, 'a finite dataset', 'an endless one');
    check(size !== 0, argument, 'at least one batch', 'an empty dataset');
    return;
  }
  checkOptions(argument, data, ['x', 'y', 'batchSize']);
  const {x, y, batchSize = 1} = data as EvaluationTensors;
  checkTensors(`${argument}.x`, x);
  checkTensors(`${argument}.y`, y);
  checkInteger(`${argument}.batchSize`, batchSize, 1);
}

/** Throws unless `value` is a tensor or a list of tensors, with at least one sample. */
export function checkTensors(argument: string, value: unknown): asserts value is Tensor | Tensor[] {
  const list: unknown[] = [value].flat();
  const areTensors = list.length > 0 && list.every((each) => Array.isArray(Object(each).shape));
  check(areTensors, argument, 'a tensor, or a list of tensors', value);
  check((list[0] as Tensor).shape[0] > 0, argument, 'at least one sample', 'none');
}

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
    private readonly data: EvaluationData,
    private readonly metric: EvaluationMetric,
    private readonly argument = 'data',
  ) {
    if (!isDataset(data)) {
      this.samples = [data.x].flat()[0].shape[0];
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
  }

  /** What the metric is called. */
  get name(): string {
    return typeof this.metric === 'function' ? this.metric.name || 'metric' : this.metric;
  }

  /** How much worse `value` is than `baseline`; below 0 where it is better. */
  drop(baseline: number, value: number): number {
    return this.metric === 'loss' ? value - baseline : baseline - value;
  }

  /** The metric. */
  async value(): Promise<number> {
    if (typeof this.metric === 'function') {
      const value = await this.metric(this.model);
      check(Number.isFinite(value), 'metric', 'a function that gives finite numbers', value);
      return value;
    }
    return (await this.evaluate())[positionOf(this.metric, this.model)];
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
      if (isDataset(data)) {
        return [await model.evaluateDataset(this.counted(data))].flat();
      }
      const {x, y, batchSize = 128} = data;
      return [model.evaluate(x, y, {batchSize})].flat();
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
  private counted(data: TrainingDataset): TrainingDataset {
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

/** The position of the accuracy among the names of a compiled model's metrics, −1 without one. */
export function accuracyOf(model: LayersModel): number {
  const names = model.metricsNames as string[];
  return names.findIndex((name) => /(^|_)acc$|accuracy$/i.test(name));
}

/** Samples in a batch `{xs, ys}`; 0 of anything else. */
export function samplesIn(batch: unknown): number {
  const {xs} = Object(batch) as {xs?: object};
  const [first] = xs === undefined ? [] : 'shape' in xs ? [xs] : Object.values(xs);
  return (first as Tensor | undefined)?.shape[0] ?? 0;
}

/** Whether `data` is a dataset rather than tensors. */
export function isDataset(data: EvaluationData): data is TrainingDataset {
  return typeof Reflect.get(data, 'iterator') === 'function';
}
