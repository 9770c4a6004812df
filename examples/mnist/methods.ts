import {
  ChannelPruner,
  ConstantSparsity,
  L1Regularizer,
  LayerPruner,
  NeuronPruner,
  PolynomialDecay,
  ThresholdPruning,
} from 'tfjs-prune';

import {batches, type Digits} from './data';
import type {Options} from './options';

/** A way to prune that the example shows. */
export interface Method {
  /** Options that differ for it, where the command line does not say. */
  defaults?: Partial<Options>;
  /** Whether whole channels or layers go, so that the model can be shrunk. */
  shrinks?: boolean;
  /** The callbacks, for so many steps of fine-tuning on `train`. */
  callbacks(options: Options, steps: number, train: Digits): Pruner[];
}

type Pruner =
  | ChannelPruner
  | ConstantSparsity
  | L1Regularizer
  | LayerPruner
  | NeuronPruner
  | PolynomialDecay
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
