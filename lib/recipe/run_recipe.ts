import {clone} from '@tensorflow/tfjs-core';
import type {Callback, LayersModel} from '@tensorflow/tfjs-layers';

import {checkOptions} from '../base/check';
import {type Step, type Verbose, withProgressLine} from '../base/progress_line';
import {checkStoppable, tell, type Stoppable} from '../base/stoppable';
import {within} from '../base/within';
import {pruneNow} from '../by_hand/masks_by_hand';
import {stripPruning} from '../by_hand/strip';
import {checkFit} from '../data/fit_to_model';
import {checkSamples, type Samples} from '../data/samples';
import {distill, type Distillation} from '../distillation/distill';
import {putBackLayers, removedLayers} from '../layers/remove_layer';
import {checkModel} from '../model/check_model';
import {readWeight} from '../model/read_weight';
import {disposeModel, rebuild} from '../model/rebuild';
import {ModelState} from '../projection/model_state';
import {sparsityReport} from '../report/report';
import {shrink} from '../shrink/shrink';
import {trainAfresh} from '../training/train_afresh';
import {makeCallbacks, type RecipeData} from './callbacks';
import {compileBy} from './compile';
import {checkRecipe, type Recipe, type RecipeStep} from './recipe';

/** The progress of `runRecipe`. */
export interface RecipeProgress {
  /** The step's number, counted from 0. */
  step: number;
  /** The step's name, by default those of its callbacks. */
  name: string;
  /** Number of epochs of the step that are done. */
  epoch: number;
  /** Number of all epochs of the step. */
  epochs: number;
  /** Losses and metrics of the last epoch. */
  logs: Record<string, number>;
  /** Number of epochs done in all steps. */
  epochsDone: number;
  /** Number of all epochs of all steps. */
  totalEpochs: number;
  /** Estimated seconds for the rest. */
  secondsLeft: number;
}

/** The data and options of `runRecipe`. */
export interface RunRecipeArgs extends Stoppable<RecipeProgress>, Verbose {
  /** Training data: `{x, y, batchSize}`, shuffled from the recipe's seed, or a finite dataset. */
  train: Samples;
  /** Validation data for each epoch. Default: none. */
  validation?: Samples;
  /** The data that a recipe refers to as `calibration`. */
  calibration?: Samples;
  /** The teacher of steps with `distill`. Default: the model as it is before the first step. */
  teacher?: LayersModel;
}

/** The result of one step; plain JSON. */
export interface RecipeStepReport {
  /** The step's name, by default those of its callbacks. */
  name: string;
  /** Epochs that it trained. */
  epochs: number;
  /** Seconds that it took. */
  seconds: number;
  /** Losses and metrics of the last epoch. */
  logs: Record<string, number>;
  /** Share of zeros among the weights that can be pruned. */
  sparsity: number;
  /** Number of parameters, after `shrink`. */
  parameters: number;
}

/** The result of `runRecipe`. */
export interface RecipeResult<T extends LayersModel> {
  /**
   * The model, trained and without masks. If a step shrinks it, this is a new model,
   * which you own.
   */
  model: T;
  /** The result of each step. */
  steps: RecipeStepReport[];
}

/**
 * Makes new callbacks for each step of a recipe, for a training loop of your own.
 *
 * @param data The data that the recipe refers to as `calibration` or `validation`.
 * @throws PruningError that names the place in the recipe, such as
 *   `steps[0].PolynomialDecay`, and for an unknown key the nearest known one.
 * @example
 * const [pruning, rounding] = recipeCallbacks({
 *   steps: [
 *     {epochs: 3, PolynomialDecay: schedule},
 *     {epochs: 1, QuantizeAware: {dtype: 'uint8'}},
 *   ],
 * });
 * await model.fit(x, y, {epochs: 3, callbacks: pruning});
 */
export function recipeCallbacks(recipe: Recipe, data: RecipeData = {}): Callback[][] {
  checkRecipe(recipe);
  return recipe.steps.map((step, i) => makeCallbacks(step, `steps[${i}]`, data));
}

/**
 * Trains a model by a recipe, step by step. Each step has a new optimizer of the same
 * configuration, whose steps count from 0. Pruned weights stay pruned in the following
 * steps. At the end the masks become plain zeros.
 *
 * `runRecipe` checks the recipe before the first step, and the names of layers when their
 * step begins. If it fails or is stopped after that, layers and weights are exactly as
 * before.
 *
 * @throws PruningError that names the place in the recipe, such as
 *   `steps[0].PolynomialDecay`, and for an unknown key the nearest known one; for
 *   a model that is not compiled, and not by the recipe; for data that it does not take.
 * @throws The reason of `signal`, or an `AbortError` if `onProgress` returns `false`.
 * @example
 * const decay = {initialSparsity: 0.5, finalSparsity: 0.9, beginStep: 0, endStep: 2};
 * const {model: small} = await runRecipe(
 *   model,
 *   {
 *     steps: [
 *       {epochs: 3, PolynomialDecay: {...decay, unit: 'epoch'}, distill: {temperature: 2}},
 *       {epochs: 1, QuantizeAware: {dtype: 'uint8'}},
 *     ],
 *   },
 *   {train: {x, y, batchSize: 128}, validation: {x: valX, y: valY}},
 * );
 */
export async function runRecipe<T extends LayersModel>(
  model: T,
  recipe: Recipe,
  args: RunRecipeArgs,
): Promise<RecipeResult<T>> {
  return withProgressLine('runRecipe', args, stepOf, (shown) => run(model, recipe, shown));
}

/** How far a recipe is. */
function stepOf({name, epochsDone, totalEpochs, logs, secondsLeft}: RecipeProgress): Step {
  const loss = logs.loss === undefined ? '' : `, loss ${logs.loss.toFixed(4)}`;
  return {done: epochsDone, total: totalEpochs, note: `epochs, ${name}${loss}`, secondsLeft};
}

async function run<T extends LayersModel>(
  model: T,
  recipe: Recipe,
  args: RunRecipeArgs,
): Promise<RecipeResult<T>> {
  checkModel(model);
  checkArgs(args);
  const {train, validation, calibration} = args;
  const callbacks = recipeCallbacks(recipe, {train, validation, calibration});
  compileBy(recipe, model);
  const isAllTaught = recipe.steps.every((step) => step.distill !== undefined);
  // A teacher takes labels in more forms than the model's loss.
  checkFit(model, train, 'train', isAllTaught ? 'inputs' : 'targets');
  if (validation) {
    checkFit(model, validation, 'validation');
  }
  const isTaught = recipe.steps.some((step) => step.distill !== undefined);
  const copy = isTaught && args.teacher === undefined ? copyOf(model) : null;
  const state = new ModelState(model);
  const alreadyRemoved = removedLayers(model);
  let current = model;
  let lessons: Array<Distillation | null> = [];
  try {
    const teach = (i: number) =>
      within(`steps[${i}].distill`, () =>
        lessonOf(recipe.steps[i], args.teacher ?? copy!, current),
      );
    lessons = recipe.steps.map((_, i) => teach(i));
    const steps: RecipeStepReport[] = [];
    const tellEpoch = progressOf(recipe, args);
    for (const [i, step] of recipe.steps.entries()) {
      const report = await within(`steps[${i}]`, async () => {
        const start = Date.now();
        if (current !== model) {
          // Hints show layers of the model that is trained.
          lessons[i]?.dispose();
          lessons[i] = teach(i);
        }
        let logs: Record<string, number> = {};
        await trainAfresh(current, {
          epochs: step.epochs,
          learningRate: step.learningRate,
          callbacks: callbacks[i],
          distillation: lessons[i],
          train,
          validation,
          seed: recipe.seed ?? 1,
          signal: args.signal,
          onEpoch: async (epoch, values) => {
            logs = values;
            await tellEpoch(i, epoch, values);
          },
        });
        if (step.shrink) {
          const smaller = await shrink(current);
          release(current, model);
          current = smaller;
          // The masks of weights that are left: what is zero stays so.
          await pruneNow(current, {sparsity: 0});
        }
        const {sparsity} = await sparsityReport(current);
        const parameters = current.countParams();
        const seconds = (Date.now() - start) / 1000;
        return {name: nameOf(step), epochs: step.epochs, seconds, logs, sparsity, parameters};
      });
      steps.push(report);
    }
    stripPruning(model);
    return {model: stripPruning(current), steps};
  } catch (error) {
    release(current, model);
    putBackLayers(model, alreadyRemoved);
    state.restore();
    throw error;
  } finally {
    lessons.forEach((lesson) => lesson?.dispose());
    state.dispose();
    if (copy) {
      disposeModel(copy);
    }
  }
}

const OPTIONS = [
  'train',
  'validation',
  'calibration',
  'teacher',
  'signal',
  'onProgress',
  'verbose',
];

function checkArgs(args: RunRecipeArgs): void {
  checkOptions('runRecipe', args, OPTIONS);
  checkSamples('train', args.train);
  for (const name of ['validation', 'calibration'] as const) {
    if (args[name] !== undefined) {
      checkSamples(name, args[name]);
    }
  }
  if (args.teacher !== undefined) {
    checkModel(args.teacher, 'teacher');
  }
  checkStoppable(args);
}

/** A model of the same configuration and weights. */
function copyOf<T extends LayersModel>(model: T): T {
  return rebuild(model, {
    edit: () => {},
    weightOf: (variable) => clone(readWeight(variable)),
  });
}

function lessonOf(
  {distill: args}: RecipeStep,
  teacher: LayersModel,
  student: LayersModel,
): Distillation | null {
  return args === undefined ? null : distill({...args, teacher, student});
}

/** The names of a step's callbacks, where it has none of its own. */
function nameOf({name, epochs: _, learningRate: _rate, shrink: _shrink, ...step}: RecipeStep) {
  return name ?? (Object.keys(step).join(', ') || 'training');
}

/** Frees a smaller model that was made on the way. */
function release(current: LayersModel, model: LayersModel): void {
  if (current !== model) {
    disposeModel(stripPruning(current));
  }
}

/** Tells of an epoch of a step. */
function progressOf({steps}: Recipe, args: RunRecipeArgs) {
  const start = Date.now();
  const totalEpochs = steps.reduce((sum, {epochs}) => sum + epochs, 0);
  return async (step: number, epoch: number, logs: Record<string, number>) => {
    const epochsDone = steps.slice(0, step).reduce((sum, {epochs}) => sum + epochs, epoch);
    const secondsLeft = ((Date.now() - start) / 1000 / epochsDone) * (totalEpochs - epochsDone);
    const {epochs} = steps[step];
    const name = nameOf(steps[step]);
    await tell(args, {step, name, epoch, epochs, logs, epochsDone, totalEpochs, secondsLeft});
  };
}
