import {
  ConstantSparsity,
  L1Regularizer,
  PolynomialDecay,
  ThresholdPruning,
  type WeightPruningArgs,
} from 'tfjs-prune';

import type {Options} from './options';

type Pruner = PolynomialDecay | ConstantSparsity | ThresholdPruning | L1Regularizer;

/** The ways to prune that the example shows, each made from the options and the steps to come. */
export const METHODS = {
  /** The smallest weights of each layer, ever more of them. */
  magnitude: (options: Options, steps: number) => gradual(options, steps, {}),
  /** The smallest weights of the model. */
  global: (options: Options, steps: number) => gradual(options, steps, {scope: 'global'}),
  /** Two of each four weights in a row. */
  '2:4': ({frequency}: Options) =>
    new ConstantSparsity({
      targetSparsity: 0.5,
      beginStep: 0,
      frequency,
      structure: {n: 2, m: 4},
    }),
  /** Soft thresholding after each step: the sparsity follows from the strength. */
  l1: ({l1}: Options) => new L1Regularizer({l1, mode: 'proximal'}),
  /** All weights below 0.1, at once and without fine-tuning. */
  threshold: () => new ThresholdPruning({threshold: 0.1}),
} satisfies Record<string, (options: Options, steps: number) => Pruner>;

export type MethodName = keyof typeof METHODS;

function gradual(
  {initialSparsity, finalSparsity, frequency}: Options,
  steps: number,
  args: WeightPruningArgs,
): PolynomialDecay {
  // The last quarter trains at the final sparsity, to recover from the last cut.
  const endStep = Math.ceil(0.75 * steps);
  return new PolynomialDecay({
    initialSparsity,
    finalSparsity,
    beginStep: 0,
    endStep,
    frequency,
    ...args,
  });
}
