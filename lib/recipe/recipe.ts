import {checkAbove0, check, checkInteger, checkOptions} from '../base/check';
import type {BestWeightsArgs} from '../callbacks/best_weights';
import type {ChannelPrunerArgs} from '../callbacks/channel_pruner';
import type {ClusterWeightsArgs} from '../callbacks/cluster_weights';
import type {ConstantSparsityArgs} from '../callbacks/constant_sparsity';
import type {L1RegularizerArgs} from '../callbacks/l1_regularizer';
import type {LearningRateRewindingArgs} from '../callbacks/learning_rate_rewinding';
import type {NeuronPrunerArgs} from '../callbacks/neuron_pruner';
import type {PolynomialDecayArgs} from '../callbacks/polynomial_decay';
import type {QuantizeAwareArgs} from '../callbacks/quantize_aware';
import type {SparsityLoggerArgs} from '../callbacks/sparsity_logger';
import type {ThresholdPruningArgs} from '../callbacks/threshold_pruning';
import type {DistillArgs} from '../distillation/distill';
import {OUTPUT_OPTIONS} from '../distillation/heads/heads';
import type {CompressedArgs} from '../files/compressed';
import type {LayerPrunerArgs} from '../layers/args';
import type {DynamicSparsityArgs} from '../weights/regrow/methods';
import {CALLBACK_NAMES, type DataName} from './callbacks';

/** Where an argument takes data, its name in the data of the recipe will do. */
type Named<T> = T extends unknown
  ? {[K in keyof T]: K extends 'calibration' | 'validation' ? T[K] | DataName : T[K]}
  : never;

/** Callbacks by class name, each with its arguments. */
export interface RecipeCallbacks {
  /** Arguments of a `PolynomialDecay`. */
  PolynomialDecay?: PolynomialDecayArgs;
  /** Arguments of a `ConstantSparsity`. */
  ConstantSparsity?: ConstantSparsityArgs;
  /** Arguments of a `ThresholdPruning`. */
  ThresholdPruning?: ThresholdPruningArgs;
  /** Arguments of a `DynamicSparsity`. */
  DynamicSparsity?: DynamicSparsityArgs;
  /** Arguments of a `ChannelPruner`. */
  ChannelPruner?: Named<ChannelPrunerArgs>;
  /** Arguments of a `NeuronPruner`. */
  NeuronPruner?: Named<NeuronPrunerArgs>;
  /** Arguments of a `LayerPruner`. */
  LayerPruner?: Named<LayerPrunerArgs>;
  /** Arguments of a `L1Regularizer`. */
  L1Regularizer?: L1RegularizerArgs;
  /** Arguments of a `QuantizeAware`. */
  QuantizeAware?: QuantizeAwareArgs;
  /** Arguments of a `ClusterWeights`. */
  ClusterWeights?: ClusterWeightsArgs;
  /** Arguments of a `LearningRateRewinding`, whose cycles begin at a list of steps. */
  LearningRateRewinding?: LearningRateRewindingArgs;
  /** Arguments of a `BestWeights`. */
  BestWeights?: BestWeightsArgs;
  /** Arguments of a `SparsityLogger`. */
  SparsityLogger?: SparsityLoggerArgs;
}

/** One training of a recipe. Its steps and epochs count from 0. */
export interface RecipeStep extends RecipeCallbacks {
  /** The name in reports. Default: the names of its callbacks. */
  name?: string;
  /** Epochs to train, at least 1. */
  epochs: number;
  /** The learning rate of the optimizer, above 0. Default: as the model is compiled. */
  learningRate?: number;
  /** The options of `distill`, to learn from the teacher too. */
  distill?: Omit<DistillArgs, 'teacher' | 'student'>;
  /**
   * Whether the following steps train the smaller model that `shrink` returns. Default:
   * `false`.
   */
  shrink?: boolean;
}

/** Describes how to make a model small, from the first training to the file; may be plain JSON. */
export interface Recipe {
  /** Names for `model.compile`. Default: as the model is compiled. */
  compile?: {
    /** An optimizer's name, such as `'adam'`. */
    optimizer: string;
    /** A loss's name, such as `'categoricalCrossentropy'`. */
    loss: string;
    /** Names of metrics, such as `'accuracy'`. Default: none. */
    metrics?: string[];
  };
  /** The trainings, in order. */
  steps: RecipeStep[];
  /** How to save the model: `model.save(compressed(target, recipe.pack))`. */
  pack?: Omit<CompressedArgs, 'onProgress'>;
  /** Seed for shuffling the samples, an integer of at least 0. Default: 1. */
  seed?: number;
}

/** The callbacks whose work ends with their step. */
const ROUNDING = ['QuantizeAware', 'ClusterWeights'] as const;

const DISTILL_OPTIONS = ['outputs', ...OUTPUT_OPTIONS, 'cache', 'hints', 'hintWeight'];

/**
 * Throws a `PruningError` that names the place in `recipe` where it is not as it
 * should be; the arguments of callbacks are checked when these are made.
 */
export function checkRecipe(recipe: unknown): asserts recipe is Recipe {
  checkOptions('recipe', recipe, ['compile', 'steps', 'pack', 'seed']);
  const {compile, steps, pack, seed = 1} = recipe as Record<keyof Recipe, unknown>;
  if (compile !== undefined) {
    checkCompile(compile);
  }
  if (pack !== undefined) {
    checkOptions('pack', pack, ['format', 'quantize', 'shardBytes', 'precompress']);
  }
  checkInteger('seed', seed, 0);
  check(Array.isArray(steps) && steps.length > 0, 'steps', 'a list of at least one step', steps);
  steps.forEach((step, i) => checkStep(`steps[${i}]`, step));
  checkRounding(steps as RecipeStep[]);
}

function checkCompile(compile: unknown): void {
  checkOptions('compile', compile, ['optimizer', 'loss', 'metrics']);
  const {optimizer, loss, metrics = []} = compile as Record<string, unknown>;
  check(typeof optimizer === 'string', 'compile.optimizer', `a name such as 'adam'`, optimizer);
  check(typeof loss === 'string', 'compile.loss', `a name such as 'meanSquaredError'`, loss);
  const areNames = Array.isArray(metrics) && metrics.every((each) => typeof each === 'string');
  check(areNames, 'compile.metrics', `a list of names such as 'accuracy'`, metrics);
}

function checkStep(path: string, step: unknown): asserts step is RecipeStep {
  const own = ['name', 'epochs', 'learningRate', 'distill', 'shrink'];
  checkOptions(path, step, [...own, ...CALLBACK_NAMES]);
  const {name = '', epochs, learningRate = 1, distill = {}, shrink = false} = step as RecipeStep;
  check(typeof name === 'string', `${path}.name`, 'a text', name);
  checkInteger(`${path}.epochs`, epochs, 1);
  checkAbove0(`${path}.learningRate`, learningRate);
  checkOptions(`${path}.distill`, distill, DISTILL_OPTIONS);
  check(typeof shrink === 'boolean', `${path}.shrink`, 'true or false', shrink);
}

/** A step that does not round would undo what one before it has rounded. */
function checkRounding(steps: readonly RecipeStep[]): void {
  const rounds = (step: RecipeStep) => ROUNDING.filter((name) => step[name] !== undefined);
  const first = steps.findIndex((step) => rounds(step).length > 0);
  steps.slice(first < 0 ? steps.length : first).forEach((step, i) => {
    check(
      rounds(step).length > 0,
      `steps[${first + i}]`,
      `QuantizeAware or ClusterWeights, as in steps[${first}]: without them weights are rounded no more`,
      Object.keys(step).join(', '),
    );
  });
}
