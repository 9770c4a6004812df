import {availableParallelism} from 'node:os';
import {resolve} from 'node:path';

import type {Executor} from '../auto/executor';
import {check, checkInteger, checkOptions} from '../base/check';
import {Pool} from './pool';
import {workerScript} from './script';
import {storeModel} from './stored_model';

/** Arguments of `workers`. */
export interface WorkersArgs {
  /** Number of processes, at least 1. Default: the number of cores. */
  count?: number;
  /**
   * Path of an ES module that exports `train` and `validation`, each `{x, y, batchSize}`
   * of tensors or a dataset of batches `{xs, ys}`, with the same data as the search. It
   * also exports `metric` if the metric is a function, the compiled `model` if a loss is
   * a function, and `calibration` if an importance needs data.
   */
  data: string;
  /** Megabytes of memory that a worker may take, above 0. Default: no limit. */
  megabytes?: number;
  /** Seconds that a trial may take, above 0. Default: no limit. */
  seconds?: number;
  /** Seconds without a sign of life after which a worker counts as hanging, at least 5. Default: 120. */
  silence?: number;
}

/**
 * Runs the trials of `autoPrune` and the measurements of `sensitivity` in processes on
 * this machine, each with the current backend on a single thread. The result is exactly
 * the same.
 *
 * If a worker dies, hangs or exceeds a limit, a new one replaces it and runs its trial
 * again, at most twice. After that the trial counts as failed, and the report says why.
 * Workers end with this process, however it ends.
 *
 * @throws PruningError for an argument out of its range; and, when the search begins, if
 *   the module has other data than the search, or lacks an export.
 * @example
 * import {workers} from 'tfjs-prune/node';
 *
 * const args = {train: {x, y, epochs: 3}, validation: {x: valX, y: valY}, maxDrop: 0.002};
 * await autoPrune(model, {...args, executor: workers({data: 'data.mjs'})});
 */
export function workers(args: WorkersArgs): Executor {
  checkOptions('workers', args, ['count', 'data', 'megabytes', 'seconds', 'silence']);
  const {count = availableParallelism(), data, silence = 120} = args;
  const {megabytes = Infinity, seconds = Infinity} = args;
  checkInteger('count', count, 1);
  check(typeof data === 'string', 'data', 'the path of a module', data);
  check(megabytes > 0, 'megabytes', 'a number above 0', megabytes);
  check(seconds > 0, 'seconds', 'a number above 0', seconds);
  check(silence >= 5, 'silence', 'a number of at least 5', silence);
  return {
    async open({model, settings}) {
      const setup = {data: resolve(data), model: await storeModel(model), settings};
      const pool = new Pool(workerScript(), count, setup, {megabytes, seconds, silence});
      await pool.start();
      return pool;
    },
  };
}
