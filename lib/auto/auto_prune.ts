import {dispose, getBackend, slice, tidy, type Tensor} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {type Step, withProgressLine} from '../base/progress_line';
import {tell} from '../base/stoppable';
import {
  makePruner,
  prunableLayers,
  type Granularity,
  type PrunerArgs,
} from '../callbacks/granularity';
import {datasetOf, disposeBatches, readBatches} from '../data/batches';
import {defaultMetric, EVALUATED_TOGETHER, Evaluation} from '../data/evaluation';
import {checkFit} from '../data/fit_to_model';
import type {Samples} from '../data/samples';
import {countSteps} from '../data/training_data';
import {checkModel} from '../model/check_model';
import {checkAutoPruneArgs, type AutoPruneArgs} from './args';
import {defaultEpochs} from './budget';
import {prunerArgs, type Candidate, type Setting} from './candidate';
import {planSearch} from './choose';
import {costOf, type Cost} from './cost';
import type {Crew} from './executor';
import {fingerprint} from './fingerprint';
import {COSTS, limitOf} from './goal';
import {crewHere} from './here';
import {Journal, type Entry, type Start} from './journal';
import {describeGround, describeMaterial} from './material';
import type {AutoPruneProgress} from './progress';
import {scan, type ScanStep} from './scan';
import {byDrop, byParameters, type Outcome} from './search';
import type {SensitivityResult} from './sensitivity_result';
import {settingsOf} from './settings';
import {Bench} from './trials';
import {sparsitiesWithin} from './within_cost';
import {Workplace} from './workplace';

/** A candidate that was tried. */
export interface ReportedTrial extends Candidate, Outcome {
  /** Seconds that the training took. */
  seconds: number;
}

export type {Cost};

/** What `autoPrune` tried, and what it chose; plain JSON. */
export interface AutoPruneReport {
  /** What was pruned: weights, channels or neurons. */
  granularity: Granularity;
  /** The metric's name: `'accuracy'`, `'loss'`, or the function's. */
  metric: string;
  /** The metric of the model before. */
  baseline: number;
  /** What each layer bears, by up to 2000 of the samples. */
  sensitivity: SensitivityResult;
  /** All candidates, in the order of their trials, each with the seconds it took. */
  trials: ReportedTrial[];
  /**
   * Candidates that idle workers of an `executor` have tried in case the search would ask for
   * them, which it did not. Nothing rests on them.
   */
  ahead: ReportedTrial[];
  /** The one that the model is trained by, with the arguments of its pruner. */
  chosen: Candidate &
    Outcome & {
      /** Of the pruner that `callbacks` makes. */
      args: PrunerArgs;
    };
  /** Epochs of all trainings. */
  epochs: number;
  /** What the model costs, before and now, each without what is pruned. */
  cost: {
    /** Of the model that was given. */
    before: Cost;
    /** Of the model as it is now. */
    after: Cost;
  };
}

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
    const start =
      journal.start ??
      (await measure(workplace, args, unscanned, crew, evaluation, example, journal));
    const {baseline, sensitivity: scanned, samples, seconds, cost: before, sparsities} = start;
    const accuracy = metric === 'accuracy' ? baseline : null;
    const limit = limitOf(args.maxDrop ?? 0, accuracy, samples);
    const setting = {...unscanned, sensitivity: scanned};
    const plan = planSearch(setting, {...args, limit}, sparsities, train.epochs);
    bench = new Bench({
      measurements: layers.length * SPARSITIES.length,
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

/** Enough to tell layers apart; each costs an evaluation of some of the samples. */
const SPARSITIES = [0.5, 0.75, 0.9, 0.97];
const SCAN_SAMPLES = 2000;

/** What each layer bears, and what the model costs at which sparsity. */
async function measure(
  workplace: Workplace,
  args: AutoPruneArgs,
  unscanned: Omit<Setting, 'sensitivity'>,
  crew: Crew,
  evaluation: Evaluation,
  example: Tensor[] | undefined,
  journal: Journal,
): Promise<Start> {
  const {model} = workplace;
  const {layers} = unscanned;
  const {granularity = 'weight', metric = defaultMetric(model), validation} = args;
  const {budget, train} = args;
  const begin = Date.now();
  const baseline = await evaluation.value();
  const {samples} = evaluation;
  const onStep = ({done, total}: ScanStep) =>
    tell(args, {
      phase: 'sensitivity',
      measurements: {done, total},
      candidate: null,
      epoch: 0,
      epochsDone: 0,
      epochs: budget?.epochs ?? defaultEpochs(train.epochs),
      secondsLeft: null,
      best: null,
      tried: [],
      running: [],
    });
  const part = datasetOf(validation, {most: SCAN_SAMPLES, batchSize: EVALUATED_TOGETHER});
  const ofPart = await new Evaluation(model, part, metric).value();
  const found = await scan(crew, {
    granularity,
    scoring: {seed: 1},
    most: SCAN_SAMPLES,
    layers,
    sparsities: SPARSITIES,
    onStep,
  });
  const unknown = found.find(({points}) => points.every(({failed}) => failed !== undefined));
  const reason = unknown?.points[0].failed;
  check(!unknown, 'executor', `workers that survive layer '${unknown?.name}'`, reason);
  const scanned = {granularity, metric: evaluation.name, baseline: ofPart, layers: found};
  workplace.restore();
  const name = COSTS.find((each) => args[each] !== undefined);
  const setting = {...unscanned, sensitivity: scanned};
  const start = {
    baseline,
    sensitivity: scanned,
    cost: await costOf(model, granularity, example),
    sparsities:
      name === undefined
        ? {}
        : await sparsitiesWithin(name, args[name]!, workplace, setting, example),
    samples,
    seconds: (Date.now() - begin) / 1000,
  };
  await journal.begin(start);
  return start;
}
