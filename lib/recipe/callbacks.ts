import type {Callback} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {PruningError} from '../base/errors';
import {errorWithin} from '../base/within';
import {BestWeights} from '../callbacks/best_weights';
import {ChannelPruner} from '../callbacks/channel_pruner';
import {ClusterWeights} from '../callbacks/cluster_weights';
import {ConstantSparsity} from '../callbacks/constant_sparsity';
import {DynamicSparsity} from '../callbacks/dynamic_sparsity';
import {L1Regularizer} from '../callbacks/l1_regularizer';
import {LayerPruner} from '../callbacks/layer_pruner';
import {LearningRateRewinding} from '../callbacks/learning_rate_rewinding';
import {NeuronPruner} from '../callbacks/neuron_pruner';
import {PolynomialDecay} from '../callbacks/polynomial_decay';
import {QuantizeAware} from '../callbacks/quantize_aware';
import {SparsityLogger} from '../callbacks/sparsity_logger';
import {ThresholdPruning} from '../callbacks/threshold_pruning';
import type {Samples} from '../data/samples';

/** Names of the data that arguments in a recipe can refer to. */
export type DataName = 'train' | 'validation' | 'calibration';

/** Data, by the names that a recipe uses. */
export type RecipeData = {readonly [name in DataName]?: Samples};

/** In the order in which they act after an optimizer step: what prunes comes before what rounds. */
const CLASSES = {
  LearningRateRewinding,
  L1Regularizer,
  PolynomialDecay,
  ConstantSparsity,
  ThresholdPruning,
  DynamicSparsity,
  ChannelPruner,
  NeuronPruner,
  LayerPruner,
  QuantizeAware,
  ClusterWeights,
  BestWeights,
  SparsityLogger,
};

type CallbackName = keyof typeof CLASSES;

/** The callbacks that a step may have. */
export const CALLBACK_NAMES = /* @__PURE__ */ Object.keys(CLASSES) as CallbackName[];

/**
 * New callbacks of a step, such that those which prune come before those which round.
 *
 * @param path What errors call the step.
 * @throws PruningError with the place in the recipe for what a callback refuses,
 *   and for the name of data that are not there.
 */
export function makeCallbacks(
  step: {readonly [name in CallbackName]?: unknown},
  path: string,
  data: RecipeData,
): Callback[] {
  return CALLBACK_NAMES.filter((name) => step[name] !== undefined).map((name) => {
    const args = step[name];
    const Class = CLASSES[name] as new (args: unknown) => Callback;
    try {
      return new Class(withData(args, data));
    } catch (error) {
      if (!(error instanceof PruningError)) {
        throw error;
      }
      // Of unknown options the owner is named, which the path names already.
      throw errorWithin(error.argument === name ? path : `${path}.${name}`, error);
    }
  });
}

/** `args` with data in place of their names. */
function withData(args: unknown, data: RecipeData): unknown {
  if (typeof args !== 'object' || args === null) {
    return args;
  }
  const entries = Object.entries(args).map(([key, value]: [string, unknown]) => {
    const isName = typeof value === 'string' && (key === 'calibration' || key === 'validation');
    return [key, isName ? dataOf(key, value, data) : value];
  });
  return Object.fromEntries(entries);
}

function dataOf(argument: string, name: string, data: RecipeData): Samples {
  const names = Object.keys(data).filter((each) => data[each as DataName] !== undefined);
  check(names.includes(name), argument, `the name of data: ${names.join(', ') || 'none'}`, name);
  return data[name as DataName]!;
}
