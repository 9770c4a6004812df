import {dispose, getBackend, slice, tidy, type Tensor} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {type Step, withProgressLine} from '../base/progress_line';
import {leftAlone, makePruner, prunableLayers} from '../callbacks/granularity';
import {disposeBatches, readBatches} from '../data/batches';
import {defaultMetric, Evaluation} from '../data/evaluation';
import {checkFit} from '../data/fit_to_model';
import type {Samples} from '../data/samples';
import {countSteps} from '../data/training_data';
import {checkModel} from '../model/check_model';
import {checkAutoPruneArgs, type AutoPruneArgs} from './args';
import type {AutoPruneReport, ReportedTrial} from './auto_prune_report';
import {prunerArgs} from './candidate';
import {planSearch} from './choose';
import {costOf} from './cost';
import type {Crew} from './executor';
import {fingerprint} from './fingerprint';
import {countMeasurements, measureFirst} from './first_measurements';
import {limitOf} from './goal';
import {crewHere} from './here';
import {Journal, type Entry} from './journal';
import {describeGround, describeMaterial} from './material';
import type {AutoPruneProgress} from './progress';
import {byDrop, byParameters} from './search';
import {settingsOf} from './settings';
import {Bench} from './trials';
import {Workplace} from './workplace';

/** The result of `autoPrune`. */
export interface AutoPruned<T extends LayersModel> {
  /** The same model, pruned and trained; its masks hold until `stripPruning`. */
  model: T;
  /** All trials, and the chosen one. */
  report: AutoPruneReport;
  /**
   * Makes new callbacks that prune like the chosen candidate, for a fit of the original
   * model, newly compiled, over `report.chosen.epochs` epochs.
   */
  callbacks(): Array<ReturnType<typeof makePruner>>;
}

/**
 * Prunes `model` as far as a drop of its metric allows, or as well as possible to a
 * sparsity, size, number of multiply-accumulates or time. It chooses the sparsity of each
 * layer, the criterion and the schedule, and trains the model.
 *
 * First it measures what each layer tolerates (`sensitivity`). Then it trains candidates
 * for a third of `train.epochs` each, from the original model. It tries sparser ones
 * until the drop is too large, then other ways to spread the sparsity, and then
 * sparsities in between. The best candidate trains for all `train.epochs`. Each training
 * has a new optimizer of the same configuration; the model's own optimizer does not
 * change. If the search fails or is stopped, the model is exactly as before.
 *
 * @throws PruningError for an argument out of its range, an unknown option or layer, no
 *   goal or more than one, a model that is not compiled, data that it does not take, a
 *   journal of another model or other settings, and a `maxDrop` that no candidate meets.
 * @throws The reason of `signal`, or an `AbortError` if `onProgress` returns `false`.
 * @example
 * const {report} = await autoPrune(model, {
 *   train: {x, y, batchSize: 128, epochs: 3}, validation: {x: valX, y: valY}, maxDrop: 0.002,
 * });
 * console.log(report.chosen.sparsity);
 * await stripPruning(model).save('downloads://pruned');
 */
export async function autoPrune<T extends LayersModel>(
  model: T,
  args: AutoPruneArgs,
): Promise<AutoPruned<T>> {
  return withProgressLine('autoPrune', args, stepOf, (shown) => search(model, shown));
}

/** How far a search is: measurements of layers, then epochs. */
function stepOf(progress: AutoPruneProgress): Step {
  const {phase, measurements, epochsDone, epochs, secondsLeft, best} = progress;
  if (phase === 'sensitivity') {
    return {...measurements, note: 'sensitivity of layers'};
  }
  const found = best && `best so far ${(100 * best.outcome.sparsity).toFixed(2)} %`;
  return {done: epochsDone, total: epochs, note: `epochs${found ? `, ${found}` : ''}`, secondsLeft};
}

async function search<T extends LayersModel>(
  model: T,
  args: AutoPruneArgs,
): Promise<AutoPruned<T>> {
  checkModel(model);
  checkAutoPruneArgs(args);
  const {train, validation, granularity = 'weight', seed = 1} = args;
  const {metric = defaultMetric(model)} = args;
  const evaluation = new Evaluation(model, validation, metric, 'validation');
  evaluation.checkDrop(args.maxDrop);
  if ('x' in train && 'x' in validation && train.x === validation.x) {
    console.warn('autoPrune: validation and train have the same samples, which hides overfitting.');
  }
  if (args.maxDrop !== undefined && args.metric === undefined && metric === 'loss') {
    console.warn(
      `autoPrune: the model is compiled without accuracy, so maxDrop is how much the loss may rise. ` +
        `Compile it with metrics: ['accuracy'], or set metric: 'loss'.`,
    );
  }
  const isTimed = args.millis !== undefined;
  const takesTime = granularity !== 'weight' || getBackend() === 'wasm';
  const expected = `granularity 'channel' or 'neuron', or the wasm backend, where zeros are skipped`;
  check(!isTimed || takesTime, 'millis', expected, `single weights on ${getBackend()}`);
  if ('x' in train) {
    checkFit(model, train, 'train');
  }
  const layers = prunableLayers(model, granularity, args.layers);
  const stepsPerEpoch = await countSteps(train);
  const material = {model, train, validation, metric};
  const journal = await Journal.open(args.journal, async () => ({
    model: await fingerprint(model),
    settings: settingsOf(args, layers, await describeMaterial(material)),
  }));
  const settings = args.executor ? await describeGround(material) : {};

  const workplace = new Workplace(material);
  let crew: Crew | null = null;
  let bench: Bench | null = null;
  const example = isTimed ? await firstExample(model, validation) : undefined;
  try {
    crew = args.executor
      ? await args.executor.open({model, settings})
      : crewHere(workplace, args.signal);
    const isLoss = metric === 'loss';
    const others = leftAlone(model, granularity, args.layers);
    const unscanned = {granularity, layers, leftAlone: others, isLoss, stepsPerEpoch, seed};
    const measurements = {workplace, crew, args, unscanned, evaluation, example};
    const start = journal.start ?? (await journal.begin(await measureFirst(measurements)));
    const {baseline, sensitivity: scanned, samples, seconds, cost: before, sparsities} = start;
    const accuracy = metric === 'accuracy' ? baseline : null;
    const limit = limitOf(args.maxDrop ?? 0, accuracy, samples);
    const setting = {...unscanned, sensitivity: scanned};
    const plan = planSearch(setting, {...args, limit}, sparsities, train.epochs);
    bench = new Bench({
      measurements: countMeasurements(layers),
      crew,
      isHere: args.executor === undefined,
      workplace,
      evaluation,
      baseline,
      setting,
      journal,
      budget: args.budget ?? {},
      longest: train.epochs,
      secondsDone: seconds,
      ranking: args.maxDrop === undefined ? byDrop : byParameters(limit),
      search: plan,
      stoppable: args,
    });
    const chosen = await plan(bench);
    const failed = bench.entries.find(({outcome}) => outcome.failed !== undefined);
    const isFound = chosen !== null && chosen.outcome.failed === undefined;
    check(isFound || !failed, 'executor', 'workers that survive', failed?.outcome.failed);
    check(isFound, 'maxDrop', 'a drop that some sparsity meets in this budget', args.maxDrop);
    await bench.settle(chosen);
    const pruner = prunerArgs(chosen.candidate, setting);
    const report = {
      granularity,
      metric: evaluation.name,
      baseline,
      sensitivity: scanned,
      trials: bench.entries.map(reported),
      ahead: bench.unneeded.map(reported),
      chosen: {...chosen.candidate, ...chosen.outcome, args: pruner},
      epochs: bench.epochsDone,
      cost: {before, after: await costOf(model, granularity, example)},
    };
    return {model, report, callbacks: () => [makePruner(granularity, pruner)]};
  } catch (error) {
    workplace.restore();
    throw error;
  } finally {
    bench?.dispose();
    await crew?.close();
    workplace.dispose();
    dispose(example ?? []);
  }
}

/** The inputs of the first sample. */
async function firstExample(model: LayersModel, validation: Samples): Promise<Tensor[]> {
  const batches = await readBatches(model, validation, false, 1, 'validation');
  try {
    return batches[0].xs.map((x) => tidy(() => slice(x, 0, 1)));
  } finally {
    disposeBatches(batches);
  }
}

function reported({candidate, outcome, seconds}: Entry): ReportedTrial {
  return {...candidate, ...outcome, seconds};
}
