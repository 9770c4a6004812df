import {availableParallelism} from 'node:os';
import {resolve} from 'node:path';

import type {LayersModel} from '@tensorflow/tfjs-layers';

import type {AutoPruneArgs} from '../auto/args';
import type {Executor} from '../auto/executor';
import {check, checkAbove0, checkInteger} from '../base/check';
import {defaultMetric, type EvaluationMetric} from '../data/evaluation';
import type {Samples} from '../data/samples';
import {freshOptimizer, takeOver} from '../model/copy_compilation';
import {compileBy} from '../recipe/compile';
import {startTrainingBackend, type TrainingBackend} from '../workers/backend';
import {type DataModule, type DataName, importData} from '../workers/data_module';
import {queue} from '../workers/queue/queue';
import {workers} from '../workers/workers';
import {layersModelOf, readModel, type StoredModel} from './model_file';
import {given} from './parse';
import type {SearchOptions} from './search_options';

/** What a search works with. */
export interface SearchInputs {
  backend: TrainingBackend;
  stored: StoredModel;
  model: LayersModel;
  data: DataModule & {validation: Samples};
  /** What both searches take. */
  args: Pick<AutoPruneArgs, 'granularity' | 'layers' | 'seed' | 'executor' | 'verbose'> & {
    metric: EvaluationMetric;
  };
  /** Where the trials run, for people. */
  place: string;
}

/**
 * Starts the backend, reads the model at `path` and the data, compiles the model, and says where
 * the trials run.
 *
 * @param needed What the module of data must export, with `validation`.
 * @throws PruningError for what is missing or does not go together.
 */
export async function searchInputs(
  path: string,
  options: SearchOptions,
  needed: readonly DataName[],
): Promise<SearchInputs> {
  const {workers: count, queue: url, granularity, layers, seed} = options;
  check(count === undefined || url === undefined, '--workers', 'none with --queue', count);
  checkInteger('--workers', count ?? 0, 0);
  checkAbove0('--memory', options.memory ?? 1);
  checkAbove0('--seconds', options.seconds ?? 1);
  const backend = await startTrainingBackend(options.backend);
  const stored = await readModel(path);
  const model = await layersModelOf(stored);
  const data = (await importData(options.data, [...needed, 'validation'])) as SearchInputs['data'];
  compile(model, options, data.model);
  const {executor, place} = executorOf(options, backend);
  if (!options.json) {
    console.log(`Backend: ${backend}, on ${place}.`);
  }
  const metric = data.metric ?? options.metric ?? defaultMetric(model);
  const args = {...given({granularity, layers, seed, executor}), metric, verbose: 0 as const};
  return {backend, stored, model, data, args, place};
}

/** Compiles as the options say, as the data module's model is, or leaves it as the file has it. */
function compile(model: LayersModel, options: SearchOptions, own: LayersModel | undefined): void {
  const {loss, optimizer = 'adam', learningRate} = options;
  if (loss !== undefined) {
    const metrics = /crossentropy/i.test(loss) ? ['accuracy'] : [];
    compileBy({compile: {optimizer, loss, metrics}}, model);
  } else if (own) {
    takeOver(own, model);
  }
  const expected = `a loss such as categoricalCrossentropy, since the model is not compiled`;
  check(model.optimizer != null, '--loss', expected, 'none');
  if (learningRate !== undefined) {
    const {loss: compiled, metrics} = model;
    model.compile({
      optimizer: freshOptimizer(model.optimizer, {learningRate}),
      loss: compiled,
      metrics,
    });
  }
}

/** On all cores where nothing else is said; a GPU has one process. */
function executorOf(
  {workers: count, queue: url, name, memory, seconds, data}: SearchOptions,
  backend: TrainingBackend,
): {executor: Executor | undefined; place: string} {
  if (url !== undefined) {
    return {executor: queue({url, ...given({name})}), place: 'workers of a queue'};
  }
  const cores = backend === 'tensorflow-gpu' ? 0 : availableParallelism();
  const many = count ?? (cores > 1 ? cores : 0);
  if (many === 0) {
    return {executor: undefined, place: 'this process'};
  }
  const limits = given({megabytes: memory, seconds});
  const place = `${many} worker${many === 1 ? '' : 's'}`;
  return {executor: workers({count: many, data: resolve(data), ...limits}), place};
}
