import {check, checkChoice, checkInteger, checkOptions} from '../base/check';
import type {Verbose} from '../base/progress_line';
import {checkStoppable, type Stoppable} from '../base/stoppable';
import {GRANULARITIES, type Granularity} from '../callbacks/granularity';
import type {EvaluationMetric} from '../data/evaluation';
import {checkSamples, type Samples} from '../data/samples';
import {checkTrainingData, type TrainingData} from '../data/training_data';
import type {JournalStore} from '../files/journal_store';
import {checkLayerFilter, type LayerFilter} from '../model/layer_selection';
import {checkBudget, type BudgetArgs} from './budget';
import {checkExecutor, type Executor} from './executor';
import {checkGoal, GOALS, type GoalArgs} from './goal';
import type {AutoPruneProgress} from './progress';

/** Arguments of `autoPrune`. */
export interface AutoPruneArgs extends GoalArgs, Stoppable<AutoPruneProgress>, Verbose {
  /** Training data: `{x, y, batchSize, epochs}`, or `{dataset: () => …, epochs}`. */
  train: TrainingData;
  /**
   * Data to compare candidates with, which training has not seen: `{x, y}`, or a finite
   * dataset.
   */
  validation: Samples;
  /** What to prune: single weights, filters of convolutions, or units. Default: `'weight'`. */
  granularity?: Granularity;
  /** Which layers may be pruned: a predicate or names. Default: all that can be. */
  layers?: LayerFilter;
  /**
   * The metric: `'accuracy'` or `'loss'`, as the model is compiled, or a function of the
   * model for which higher is better. Default: the accuracy if the model is compiled with
   * it, or the loss.
   */
  metric?: EvaluationMetric;
  /** How much the search may cost. Default: 6 times `train.epochs`. */
  budget?: BudgetArgs;
  /** Seed for shuffling the samples, an integer of at least 0. Default: 1. */
  seed?: number;
  /** Where to record the trials, to resume after a break without repeating them. */
  journal?: JournalStore;
  /**
   * Where trials run: `workers(…)` of `tfjs-prune/node` or `queue(…)` of
   * `tfjs-prune/queue`. The choice is the same. Default: in this process, one after the
   * other.
   */
  executor?: Executor;
}

/** Throws where one of `args` is not as it should be; the model is not looked at. */
export function checkAutoPruneArgs(args: AutoPruneArgs): void {
  checkOptions('autoPrune', args, [
    'train',
    'validation',
    ...GOALS,
    'granularity',
    'layers',
    'metric',
    'budget',
    'seed',
    'journal',
    'executor',
    'onProgress',
    'signal',
    'verbose',
  ]);
  checkGoal(args);
  checkTrainingData(args.train);
  checkSamples('validation', args.validation);
  checkChoice('granularity', args.granularity ?? 'weight', GRANULARITIES);
  if (args.layers !== undefined) {
    checkLayerFilter(args.layers);
  }
  checkBudget(args.budget ?? {}, args.train.epochs);
  checkInteger('seed', args.seed ?? 1, 0);
  const {read, write} = args.journal ?? {read: () => null, write: () => {}};
  const isStore = typeof read === 'function' && typeof write === 'function';
  check(isStore, 'journal', 'an object {read, write}', args.journal);
  checkExecutor(args.executor);
  checkStoppable(args);
}
