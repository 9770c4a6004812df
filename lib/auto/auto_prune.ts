import type {LayersModel} from '@tensorflow/tfjs-layers';

import {tell} from '../base/stoppable';
import {
  makePruner,
  prunableLayers,
  type Granularity,
  type PrunableLayer,
  type PrunerArgs,
} from '../callbacks/granularity';
import {datasetOf} from '../data/batches';
import {defaultMetric, EVALUATED_TOGETHER, Evaluation} from '../data/evaluation';
import {checkFit} from '../data/fit_to_model';
import {countSteps} from '../data/training_data';
import {checkModel} from '../model/check_model';
import {ModelState} from '../projection/model_state';
import {checkAutoPruneArgs, type AutoPruneArgs} from './args';
import {defaultEpochs} from './budget';
import {prunerArgs, type Candidate, type Setting} from './candidate';
import {choose} from './choose';
import {fingerprint} from './fingerprint';
import {limitOf} from './goal';
import {Journal, type Start} from './journal';
import {byDrop, byParameters, type Outcome} from './search';
import {sensitivity, type SensitivityResult} from './sensitivity';
import {settingsOf} from './settings';
import {Bench} from './trials';

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
  trials: Array<
    Candidate &
      Outcome & {
        /** Seconds that the training took. */
        seconds: number;
      }
  >;
  /** The one that the model is trained by, with the arguments of its pruner. */
  chosen: Candidate &
    Outcome & {
      /** Of the pruner that `callbacks` makes. */
      args: PrunerArgs;
    };
  /** Epochs of all trainings. */
  epochs: number;
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
 * Prunes `model` as far as a drop of its metric allows, or as well as it can to
 * a sparsity or size: chooses how much of each layer goes, by which criterion and
 * schedule, and trains.
 *
 * First it measures what each layer bears (`sensitivity`). Then it trains
 * candidates for a third of `train.epochs` each, from the model as it was: ever
 * sparser ones until the drop is too large, other ways to spread the sparsity
 * there, and what lies between; and the best for all `train.epochs`. A new
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
  if ('x' in train) {
    checkFit(model, train, 'train');
  }
  const layers = prunableLayers(model, granularity, args.layers);
  const stepsPerEpoch = await countSteps(train);
  const journal = await Journal.open(args.journal, async () => ({
    model: await fingerprint(model),
    settings: await settingsOf(model, args, layers, stepsPerEpoch),
  }));

  const state = new ModelState(model);
  let bench: Bench | null = null;
  try {
    const start = await measure(model, args, layers, evaluation, journal);
    const {baseline, sensitivity: scan, samples, seconds} = start;
    const accuracy = metric === 'accuracy' ? baseline : null;
    const limit = limitOf(args.maxDrop ?? 0, accuracy, samples);
    const setting: Setting = {
      granularity,
      layers,
      sensitivity: scan,
      isLoss: metric === 'loss',
      stepsPerEpoch,
      seed,
    };
    bench = new Bench({
      model,
      state,
      train,
      evaluation,
      baseline,
      setting,
      journal,
      budget: args.budget ?? {},
      longest: train.epochs,
      secondsDone: seconds,
      ranking: args.maxDrop === undefined ? byDrop : byParameters(limit),
      stoppable: args,
    });
    const chosen = await choose(bench, model, state, setting, {...args, limit}, train.epochs);
    await bench.settle(chosen);
    const pruner = prunerArgs(chosen.candidate, setting);
    const report = {
      granularity,
      metric: evaluation.name,
      baseline,
      sensitivity: scan,
      trials: bench.entries.map(({candidate, outcome, seconds: own}) => ({
        ...candidate,
        ...outcome,
        seconds: own,
      })),
      chosen: {...chosen.candidate, ...chosen.outcome, args: pruner},
      epochs: bench.epochsDone,
    };
    return {model, report, callbacks: () => [makePruner(granularity, pruner)]};
  } catch (error) {
    state.restore();
    throw error;
  } finally {
    bench?.dispose();
    state.dispose();
  }
}

/** Enough to tell layers apart; each costs an evaluation of some of the samples. */
const SPARSITIES = [0.5, 0.75, 0.9, 0.97];
const SCAN_SAMPLES = 2000;

/** What each layer bears: from the journal, or measured. */
async function measure(
  model: LayersModel,
  args: AutoPruneArgs,
  layers: readonly PrunableLayer[],
  evaluation: Evaluation,
  journal: Journal,
): Promise<Start> {
  if (journal.start) {
    return journal.start;
  }
  const {validation, granularity, metric, budget, train, signal} = args;
  const begin = Date.now();
  const baseline = await evaluation.value();
  const {samples} = evaluation;
  const part = datasetOf(validation, {most: SCAN_SAMPLES, batchSize: EVALUATED_TOGETHER});
  const scan = await sensitivity(model, part, {
    sparsities: SPARSITIES,
    metric,
    granularity,
    layers: layers.map(({name}) => name),
    signal,
    onProgress: () =>
      tell(args, {
        phase: 'sensitivity',
        candidate: null,
        epoch: 0,
        epochsDone: 0,
        epochs: budget?.epochs ?? defaultEpochs(train.epochs),
        secondsLeft: null,
        best: null,
      }),
  });
  const start = {baseline, sensitivity: scan, samples, seconds: (Date.now() - begin) / 1000};
  await journal.begin(start);
  return start;
}
