import type {Tensor} from '@tensorflow/tfjs-core';
import {Callback} from '@tensorflow/tfjs-layers';

import {check, checkChoice, checkInteger, checkOptions} from '../base/check';
import {ModelState} from '../projection/model_state';
import {compiledModel} from './base/compiled_model';
import type {Logs} from './base/optimizer_callback';
import {ScheduledPruning} from './base/scheduled_pruning';

/** Arguments of `BestWeights`. */
export interface BestWeightsArgs {
  /** Name of a loss or metric in the logs of `fit`. Default: `'val_loss'`. */
  metric?: string;
  /**
   * Whether a higher or a lower value of the metric is better. Default: `'max'` for names
   * of an accuracy, precision, recall or AUC, and `'min'` for all others.
   */
  mode?: 'max' | 'min';
  /**
   * When the comparison begins: the number of epochs to skip, or a callback that prunes,
   * to skip all epochs before its last update. Weights from earlier epochs may be more
   * accurate, but are not as sparse. Default: 0.
   */
  from?: number | ScheduledPruning;
}

/** What more of is better, by name. */
const MORE = /(^|_)(acc|accuracy|.*_?accuracy|precision|recall|auc)$/i;

/**
 * Keeps the weights of the best epoch, and restores them together with their masks when
 * training ends, so the model is as sparse as it was in that epoch. List it after the
 * callbacks that prune. The optimizer keeps its current state.
 *
 * In a loop of `trainOnBatch`, call `setModel(model)` and `await onTrainBegin()`
 * before it, `await onEpochEnd(epoch, logs)` in it and `await onTrainEnd()` after it.
 *
 * @throws PruningError for an argument out of its range, an unknown option, a
 *   model that is not compiled, and a metric that is not in the logs.
 * @example
 * const best = new BestWeights({metric: 'val_acc', from: pruner});
 * await model.fit(x, y, {
 *   epochs: 20, validationData: [valX, valY],
 *   callbacks: [pruner, best, tf.callbacks.earlyStopping({monitor: 'val_acc', patience: 3})],
 * });
 * console.log(best.epoch, best.value); // the model is what it was after that epoch
 */
export class BestWeights extends Callback {
  /** The class's name, which outlives minifiers. */
  static readonly className = 'BestWeights';
  private readonly metric: string;
  private readonly sign: 1 | -1;
  private readonly from: number | ScheduledPruning;
  private state: ModelState | null = null;
  private bestEpoch: number | null = null;
  private bestValue: number | null = null;

  constructor(args: BestWeightsArgs = {}) {
    checkOptions('BestWeights', args, ['metric', 'mode', 'from']);
    const {metric = 'val_loss', mode, from = 0} = args;
    check(typeof metric === 'string' && metric !== '', 'metric', 'a name in the logs', metric);
    if (mode !== undefined) {
      checkChoice('mode', mode, ['max', 'min']);
    }
    if (!(from instanceof ScheduledPruning)) {
      check(
        typeof from === 'number',
        'from',
        'a number of epochs, or a callback that prunes',
        from,
      );
      checkInteger('from', from, 0);
    }
    super();
    this.metric = metric;
    this.sign = (mode ?? (MORE.test(metric) ? 'max' : 'min')) === 'max' ? 1 : -1;
    this.from = from;
  }

  /** The number of the best epoch, counted from 0 as in `fit`; `null` before the first epoch. */
  get epoch(): number | null {
    return this.bestEpoch;
  }

  /** The metric of the best epoch; `null` before the first epoch. */
  get value(): number | null {
    return this.bestValue;
  }

  /** Called by `fit`. */
  override async onTrainBegin(): Promise<void> {
    compiledModel(this);
    this.forget();
    this.bestEpoch = null;
    this.bestValue = null;
  }

  /** Called by `fit`. */
  override async onEpochEnd(epoch: number, logs?: Logs): Promise<void> {
    const {metric, from} = this;
    const names = Object.keys(logs ?? {});
    check(
      names.includes(metric),
      'metric',
      `a name among ${names.join(', ') || 'no logs'}`,
      metric,
    );
    const isDue = typeof from === 'number' ? epoch >= from : from.hasEnded;
    const value = await numberOf((logs as Record<string, number | Tensor>)[metric]);
    // A NaN is never better.
    if (isDue && this.sign * value > this.sign * (this.bestValue ?? -this.sign * Infinity)) {
      this.forget();
      this.state = new ModelState(compiledModel(this));
      this.bestEpoch = epoch;
      this.bestValue = value;
    }
  }

  /** Called by `fit`. */
  override async onTrainEnd(): Promise<void> {
    if (this.state === null) {
      const {metric, from} = this;
      const when = typeof from === 'number' ? `${from} epochs` : 'the end of the schedule';
      console.warn(
        `BestWeights: no epoch after ${when} had a ${metric}, so no weights are restored.`,
      );
    }
    this.state?.restore();
    this.forget();
  }

  private forget(): void {
    this.state?.dispose();
    this.state = null;
  }
}

async function numberOf(value: number | Tensor): Promise<number> {
  return typeof value === 'number' ? value : (await value.data())[0];
}
