import type {Tensor} from '@tensorflow/tfjs-core';

import type {LossFunction} from '../loss';

/**
 * What an output means: one of several classes, yes or no for each number, or numbers of
 * any value.
 */
export type OutputKind = 'softmax' | 'sigmoid' | 'values';

/** How labels and what the teacher says of them make a target, and that a loss. */
export interface Head {
  /** What labels must be, for errors. */
  readonly expected: string;
  /** The labels as they go into a target: those given, or a new tensor. `undefined` if their shape is wrong. */
  labels(given: Tensor): Tensor | undefined;
  /** A scalar, 0 for labels that are as they must be. To be called in a tidy. */
  flaw(labels: Tensor): Tensor;
  /** What the teacher says, by its outputs, of their shape. */
  said(outputs: Tensor): Tensor;
  /** One tensor of both, of the shape of the output, which `fit` insists on whatever the loss. */
  pack(labels: Tensor, said: Tensor): Tensor;
  /** Each batch of targets has numbers from this on, and plain labels none; `null` where both are alike. */
  readonly targetsFrom: number | null;
  /** Of targets, or of plain labels as in validation: a number a sample. */
  readonly loss: LossFunction;
  /** The accuracy by the labels; `null` where there is none. */
  readonly accuracy: 'accuracy' | LossFunction | null;
  /** A metric, of the labels in targets. */
  ofLabels(metric: LossFunction): LossFunction;
}

/** What heads are made of. */
export interface HeadArgs {
  /** The output's shape without the batch, a number or `null` an axis. */
  readonly shape: ReadonlyArray<number | null>;
  readonly temperature: number;
  readonly alpha: number;
  readonly fromLogits: boolean;
  /** The loss by the labels. Default: that of the kind. */
  readonly hardLoss: LossFunction | undefined;
}

/** Whether a tensor has this shape behind the batch; `null` goes with any size. */
export function hasShape({shape}: Tensor, expected: ReadonlyArray<number | null>): boolean {
  const inner = shape.slice(1);
  return (
    inner.length === expected.length && inner.every((size, i) => size === (expected[i] ?? size))
  );
}
