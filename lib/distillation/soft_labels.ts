import type {Tensor} from '@tensorflow/tfjs-core';
import {
  add,
  cast,
  div,
  greaterEqual,
  log,
  logSoftmax,
  max,
  maximum,
  mul,
  oneHot,
  reshape,
  softmax,
  sub,
  tidy,
  where,
} from '@tensorflow/tfjs-core';

/**
 * Labels and what the teacher says of them, as one tensor of the shape of the
 * model's output, which `fit` insists on whatever the loss: 2·y + q, for y 0 or
 * 1 and q in [0, 1]. The largest of a row is still that of the label, so that
 * accuracy comes out right, and rows without a 2 are plain labels.
 */
const LABEL = 2;

/** Below every probability that matters, and far enough from 0 for a logarithm and its gradient. */
const TINY = 1e-30;

/**
 * Logits up to a constant a row, which a softmax does not see: of probabilities
 * p the logarithm, so that softening gives p^(1/T)/Σ p^(1/T).
 */
function logits(outputs: Tensor, fromLogits: boolean): Tensor {
  return fromLogits ? outputs : log(maximum(outputs, TINY));
}

/** The probabilities at temperature T, softmax(z/T). */
export function soften(outputs: Tensor, temperature: number, fromLogits: boolean): Tensor {
  return tidy(() => softmax(div(logits(outputs, fromLogits), temperature)));
}

/** The logarithms of the probabilities at temperature T. */
export function logSoften(outputs: Tensor, temperature: number, fromLogits: boolean): Tensor {
  return tidy(() => logSoftmax(div(logits(outputs, fromLogits), temperature)));
}

/** One tensor of `labels`, 0 or 1, and of the teacher's probabilities, both [..., classes]. */
export function packLabels(labels: Tensor, probabilities: Tensor): Tensor {
  return tidy(() => add(mul(cast(labels, 'float32'), LABEL), probabilities));
}

/** What `packLabels` has packed. */
export interface Labels {
  /** 0 and 1, or the plain labels as they came: [..., classes]. */
  hard: Tensor;
  /** The teacher's probabilities, which plain labels have none of: [..., classes]. */
  soft: Tensor;
  /** 1 for rows that were packed, 0 for plain labels: [...]. */
  isPacked: Tensor;
}

/** The inverse of `packLabels`, which takes plain labels too. To be called in a tidy. */
export function unpackLabels(packed: Tensor): Labels {
  const all = cast(packed, 'float32');
  const isLabel = cast(greaterEqual(all, LABEL), 'float32');
  const isRow = max(isLabel, -1, true);
  return {
    hard: where(cast(isRow, 'bool'), isLabel, all),
    soft: sub(all, mul(isLabel, LABEL)),
    isPacked: reshape(isRow, isRow.shape.slice(0, -1)),
  };
}

/** One-hot labels [..., classes] of numbers of classes [...] or [..., 1]; others as they are. */
export function asOneHot(labels: Tensor, shape: readonly number[]): Tensor {
  const classes = shape[shape.length - 1];
  const isNumber = labels.rank < shape.length || labels.shape[labels.rank - 1] === 1;
  return isNumber
    ? tidy(() => reshape(oneHot(cast(reshape(labels, [-1]), 'int32'), classes), [...shape]))
    : labels;
}
