import {dispose, getBackend, slice, tidy, type Tensor} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {type Step, withProgressLine} from '../base/progress_line';
import {makePruner, prunableLayers} from '../callbacks/granularity';
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

/** What `autoPrune` gives. */
export interface AutoPruned<T extends LayersModel> {
  /** The same model, pruned and trained; its masks hold until `stripPruning`. */
  model: T;
  /** What was tried and what was chosen. */
  report: AutoPruneReport;
  /**
   * New callbacks that prune as the chosen candidate does, for a fit of
   * `report.chosen.epochs` epochs of the model as it was, newly compiled.
   */
  callbacks(): Array<ReturnType<typeof makePruner>>;
}

/**
 * Prunes `model` as far as a drop of its metric allows, or as well as it can to a
 * sparsity, size, number of multiply-accumulates or time. It chooses how much of each
 * layer goes, by which criterion and schedule, and trains.
 *
 * First it measures what each layer bears (`sensitivity`). Then it trains
 * candidates for a third of `train.epochs` each, from the model as it was. It tries
 * sparser ones until the drop is too large, other ways to spread the sparsity
 * there, and what lies between. The best trains for all `train.epochs`. A new
 * optimizer of the same configuration serves each, and the model's own stays as
 * it is. Where it fails or is stopped, the model is as it was, to the bit.
 *
 * @throws PruningError for an argument out of its range, an unknown option or
 *   layer, no goal or two, a model that is not compiled, data that it does not
 *   take, a journal of another model or other settings, and a `maxDrop` that
 *   nothing has met.
 * @throws The reason of `signal`, or an `AbortError` where `onProgress` returns `false`.
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
    return {...measurements, note: 'what layers bear'};
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
  if (args.maxDrop !== undefined && args.metric === undefined && metric === 'loss') {
    console.warn(
      `autoPrune: the model is compiled without accuracy, so maxDrop is how much the loss may rise. ` +
        `Compile it with metrics: ['accuracy'], or say metric: 'loss'.`,
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
    const unscanned = {granularity, layers, isLoss, stepsPerEpoch, seed};
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
