import {Callback} from '@tensorflow/tfjs-layers';

import {check, checkInteger, checkOptions} from '../base/check';
import {Pace} from '../base/yielding';
import {consoleSink, type PrintLine} from '../report/logger/console';
import {measure, type SparsityEntry, type SparsitySink} from '../report/logger/entry';
import {jsonLinesSink} from '../report/logger/json_lines';
import {tensorBoardSink, type SummaryWriter} from '../report/logger/tensor_board';
import {tfvisSink, type TfvisArgs} from '../report/logger/tfvis';
import {reportableWeights} from '../report/reported_weights';
import {compiledModel} from './base/compiled_model';

/** Arguments of `SparsityLogger`: where to log, and how often. */
export interface SparsityLoggerArgs {
  /**
   * `true` prints a table per epoch on a terminal, and one line elsewhere. A function
   * receives that line. Default: `true`.
   */
  console?: boolean | PrintLine;
  /** A writer from `tf.node.summaryFileWriter(logdir)`. Default: none. */
  tensorBoard?: SummaryWriter;
  /** tfjs-vis and where it draws. Default: none. */
  tfvis?: TfvisArgs;
  /** Path of a file to which a line of JSON is appended, on Node.js only. Default: none. */
  file?: string;
  /** Epochs between two entries, at least 1. Default: 1. */
  every?: number;
}

/**
 * Logs the sparsity of each weight, and the threshold of its mask, which is the smallest
 * kept magnitude. If the state at the end of training differs from the last entry, it is
 * logged too.
 *
 * In a loop of `trainOnBatch`, call `setModel(model)` and `await onTrainBegin()`
 * before it, `await onEpochEnd(epoch)` in it and `await onTrainEnd()` after it.
 *
 * @throws PruningError for a bad or unknown option, no place to log to, a model
 *   that is not compiled or has nothing to prune, and a file that can't be written.
 * @example
 * await model.fit(x, y, {epochs: 4, callbacks: composeCallbacks(pruner, new SparsityLogger())});
 * // epoch 1, step 4: sparsity 0.5000, dense/kernel 0.5000 (threshold 0.2513)
 * @example
 * new SparsityLogger({
 *   console: false,
 *   tensorBoard: tf.node.summaryFileWriter('logs'),
 *   file: 'sparsity.jsonl',
 * });
 * @example
 * import * as tfvis from '@tensorflow/tfjs-vis';
 * new SparsityLogger({tfvis: {tfvis, surface: {name: 'Sparsity', tab: 'Pruning'}}});
 */
export class SparsityLogger extends Callback {
  /** The class's name, which outlives minifiers. */
  static readonly className = 'SparsityLogger';
  private readonly sinks: readonly SparsitySink[];
  private readonly every: number;
  private epochsDone = 0;
  private last: SparsityEntry | null = null;
  private pace = new Pace();

  constructor(args: SparsityLoggerArgs = {}) {
    checkOptions('SparsityLogger', args, [...SINKS, 'every']);
    super();
    const {console = true, tensorBoard, tfvis, file, every = 1} = args;
    checkInteger('every', every, 1);
    this.every = every;
    this.sinks = [
      ...(console === false ? [] : [consoleSink(console)]),
      ...(tensorBoard === undefined ? [] : [tensorBoardSink(tensorBoard)]),
      ...(tfvis === undefined ? [] : [tfvisSink(tfvis)]),
      ...(file === undefined ? [] : [jsonLinesSink(file)]),
    ];
    check(this.sinks.length > 0, 'SparsityLogger', `one of ${SINKS.join(', ')}`, 'none of them');
  }

  /** Called by `fit`. */
  override async onTrainBegin(): Promise<void> {
    reportableWeights(compiledModel(this));
    this.epochsDone = 0;
    this.last = null;
    this.pace = new Pace();
    for (const sink of this.sinks) {
      await sink.begin?.();
    }
  }

  /** Called by `fit`. */
  override async onBatchEnd(): Promise<void> {
    await this.pace.rest();
  }

  /** Called by `fit`. */
  override async onEpochEnd(epoch: number): Promise<void> {
    this.epochsDone = epoch + 1;
    if (this.epochsDone % this.every === 0) {
      await this.write(await measure(compiledModel(this), this.epochsDone));
    }
  }

  /** Called by `fit`. */
  override async onTrainEnd(): Promise<void> {
    const entry = await measure(compiledModel(this), this.epochsDone);
    if (JSON.stringify(entry.weights) !== JSON.stringify(this.last?.weights)) {
      await this.write(entry);
    }
  }

  private async write(entry: SparsityEntry): Promise<void> {
    this.last = entry;
    for (const sink of this.sinks) {
      await sink.write(entry);
    }
  }
}

const SINKS = ['console', 'tensorBoard', 'tfvis', 'file'] as const;
