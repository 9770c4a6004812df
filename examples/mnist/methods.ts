import type {LayersModel} from '@tensorflow/tfjs-layers';
import {
  ChannelPruner,
  ClusterWeights,
  ConstantSparsity,
  DynamicSparsity,
  L1Regularizer,
  LayerPruner,
  NeuronPruner,
  PolynomialDecay,
  QuantizeAware,
  ThresholdPruning,
} from 'tfjs-prune';
import type {CompressedArgs} from 'tfjs-prune/io';

import {pruneAutomatically} from './auto';
import {batches, type Digits} from './data';
import {pruneByInputs} from './reconstruct';
import {bearable} from './scan';
import type {Options} from './options';

/** A way to prune that the example shows. */
export interface Method {
  /** Options that differ for it, where the command line does not say. */
  defaults?: Partial<Options>;
  /** Whether whole channels or layers go, so that the model can be shrunk. */
  shrinks?: boolean;
  /** Whether fine-tuning learns from the dense model too. */
  isTaught?: boolean;
  /** How the weights are stored in one packed file, where that is worth showing. */
  quantize?: CompressedArgs['quantize'];
  /** The callbacks, for so many steps of fine-tuning of `model` on `train`. */
  callbacks(
    options: Options,
    steps: number,
    train: Digits,
    model: LayersModel,
  ): Pruner[] | Promise<Pruner[]>;
  /** What is done in place of a fit with callbacks. */
  prune?(options: Options, train: Digits, model: LayersModel): Promise<void>;
}

type Pruner =
  | ChannelPruner
  | ClusterWeights
  | ConstantSparsity
  | DynamicSparsity
  | L1Regularizer
  | LayerPruner
  | NeuronPruner
  | PolynomialDecay
  | QuantizeAware
  | ThresholdPruning;

const STRUCTURED = {initialSparsity: 0, finalSparsity: 0.5} as const;

export const METHODS = {
  /** The smallest weights of each layer, ever more of them. */
  magnitude: {
    callbacks: (options, steps) => [new PolynomialDecay(gradual(options, steps))],
  },
  /** The smallest weights of the model. */
  global: {
    callbacks: (options, steps) => [
      new PolynomialDecay({...gradual(options, steps), scope: 'global'}),
    ],
  },
  /** As `global`, but what was pruned too early comes back for three quarters of the steps. */
  surgery: {
    callbacks: (options, steps) => [
      new DynamicSparsity({
        ...gradual(options, steps),
        method: 'surgery',
        scope: 'global',
        endStep: Math.ceil(0.5 * steps),
        stopStep: Math.ceil(0.75 * steps),
      }),
    ],
  },
  /** Sparse from the first step to the last; the smallest weights move to where gradients are large. */
  rigl: {
    callbacks: ({finalSparsity, frequency, seed}, steps) => [
      new DynamicSparsity({
        method: 'rigl',
        criterion: 'magnitude',
        scope: 'erk',
        sparsity: finalSparsity,
        endStep: steps,
        frequency,
        seed,
      }),
    ],
  },
  /** As `global`, and by what the dense model says of each image. */
  distill: {
    isTaught: true,
    callbacks: (options, steps) => [
      new PolynomialDecay({...gradual(options, steps), scope: 'global'}),
    ],
  },
  /** As `global`, with weights of few bits. */
  quantize: {
    quantize: {'*kernel': 'uint8'},
    callbacks: (options, steps) => [
      new PolynomialDecay({...gradual(options, steps), scope: 'global'}),
      new QuantizeAware({dtype: options.bits}),
    ],
  },
  /** At once by global magnitude, and weights that share 16 values. */
  cluster: {
    quantize: {'*kernel': {clusters: 16}},
    callbacks: ({finalSparsity}) => [
      new ConstantSparsity({targetSparsity: finalSparsity, beginStep: 0, scope: 'global'}),
      new ClusterWeights({clusters: 16}),
    ],
  },
  /** Each layer as far as it bears alone. */
  sensitivity: {
    callbacks: async (options, steps, train, model) => [
      new PolynomialDecay({
        ...gradual(options, steps),
        layers: await bearable(model, train, options),
      }),
    ],
  },
  /** As far as a drop of 0.2 points allows, however. */
  auto: {
    defaults: {samples: 20000},
    callbacks: () => [],
    prune: pruneAutomatically,
  },
  /** At once by global magnitude, without training: what is left is solved for, by inputs alone. */
  reconstruct: {
    callbacks: () => [],
    prune: pruneByInputs,
  },
  /** Two of each four weights in a row. */
  '2:4': {
    callbacks: ({frequency}) => [
      new ConstantSparsity({
        targetSparsity: 0.5,
        beginStep: 0,
        frequency,
        structure: {n: 2, m: 4},
      }),
    ],
  },
  /** Soft thresholding after each step: the sparsity follows from the strength. */
  l1: {
    callbacks: ({l1}) => [new L1Regularizer({l1, mode: 'proximal'})],
  },
  /** All weights below 0.1, at once and without fine-tuning. */
  threshold: {
    defaults: {model: 'textbook', fineTuneEpochs: 0},
    callbacks: () => [new ThresholdPruning({threshold: 0.1})],
  },
  /** Whole filters of convolutions, with all that goes with them. */
  channels: {
    defaults: {...STRUCTURED, model: 'lenet5'},
    shrinks: true,
    callbacks: (options, steps) => [new ChannelPruner(gradual(options, steps))],
  },
  /** Whole units of dense layers. */
  neurons: {
    defaults: STRUCTURED,
    shrinks: true,
    callbacks: (options, steps) => [new NeuronPruner(gradual(options, steps))],
  },
  /** Both. */
  'channels+neurons': {
    defaults: {...STRUCTURED, model: 'lenet5'},
    shrinks: true,
    callbacks: (options, steps) => [
      new ChannelPruner(gradual(options, steps)),
      new NeuronPruner(gradual(options, steps)),
    ],
  },
  /** Whole layers and residual branches, those that the loss needs least. */
  layers: {
    defaults: {model: 'residual'},
    shrinks: true,
    callbacks: ({count, batchSize}, steps, train) => [
      new LayerPruner({
        count,
        frequency: Math.max(1, Math.floor(steps / 2 / count)),
        calibration: batches(train, batchSize).take(4),
      }),
    ],
  },
} satisfies Record<string, Method>;

export type MethodName = keyof typeof METHODS;

/** The last quarter trains at the final sparsity, to recover from the last cut. */
function gradual({initialSparsity, finalSparsity, frequency}: Options, steps: number) {
  const endStep = Math.ceil(0.75 * steps);
  return {initialSparsity, finalSparsity, beginStep: 0, endStep, frequency};
}
