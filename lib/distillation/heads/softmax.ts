import type {Tensor} from '@tensorflow/tfjs-core';
import {
  abs,
  add,
  argMax,
  cast,
  div,
  equal,
  greaterEqual,
  log,
  logSoftmax,
  max,
  maximum,
  mul,
  neg,
  oneHot,
  reshape,
  softmax,
  square,
  sub,
  sum,
  tidy,
  transpose,
  where,
} from '@tensorflow/tfjs-core';
import {metrics as builtin} from '@tensorflow/tfjs-layers';

import {checkSameShape, type LossFunction} from '../loss';
import {hasShape, type Head, type HeadArgs} from './head';

/**
 * Labels and what the teacher says of them are 2·y + q, for y 0 or 1 and q in
 * [0, 1]. The largest of a row is still that of the label, so that the built-in
 * accuracy comes out right, and rows without a 2 are plain labels.
 */
const LABEL = 2;

/** Below every probability that matters, and far enough from 0 for a logarithm and its gradient. */
const TINY = 1e-30;

/** Only so that 0·log(0) is 0. */
const SMALLEST = 1e-37;

/**
 * One of several classes along an axis:
 * alpha·T²·KL(soft teacher ‖ soft student) + (1 − alpha)·the loss by the labels.
 *
 * @param axis The axis of the classes, counted from 1 behind the batch. Functions
 *   of the user's see them along the last one.
 */
export function softmaxHead(args: HeadArgs & {readonly axis: number}): Head {
  const {shape, axis, temperature, alpha, fromLogits} = args;
  const {hardLoss = crossentropy(fromLogits)} = args;
  const rank = shape.length + 1;
  const classes = shape[axis - 1] as number;
  const isLast = axis === rank - 1;
  const axes = [...Array(rank).keys()];
  const forth = axes.filter((each) => each !== axis).concat(axis);
  const back = axes.map((each) => forth.indexOf(each));
  /** With the classes along the last axis. */
  const front = (tensor: Tensor) => (isLast ? tensor : transpose(tensor, forth));
  /** Logits up to a constant a row, which a softmax does not see. */
  const logits = (outputs: Tensor) =>
    div(fromLogits ? outputs : log(maximum(outputs, TINY)), temperature);

  const loss: LossFunction = function distillation(yTrue, yPred) {
    checkSameShape(yTrue, yPred);
    return tidy(() => {
      const {hard, soft, isPacked} = unpack(front(yTrue));
      const outputs = front(yPred);
      const divergence = sum(
        mul(soft, sub(log(maximum(soft, SMALLEST)), logSoftmax(logits(outputs)))),
        -1,
      );
      const share = mul(isPacked, alpha);
      return add(
        mul(mul(share, temperature ** 2), divergence),
        mul(sub(1, share), hardLoss(hard, outputs)),
      );
    });
  };

  /** One-hot labels of numbers of classes, with an axis of size 1 for the classes or without. */
  const oneHotOf = (numbers: Tensor) =>
    tidy(() => {
      const inner = [...numbers.shape];
      if (numbers.rank === rank) {
        inner.splice(axis, 1);
      }
      const flags = oneHot(cast(reshape(numbers, [-1]), 'int32'), classes);
      const along = reshape(flags, [...inner, classes]);
      return isLast ? along : transpose(along, back);
    });
  const without = shape.filter((_, i) => i !== axis - 1);
  const single = shape.map((size, i) => (i === axis - 1 ? 1 : size));

  return {
    expected: 'labels that are one-hot, or indices of classes',
    labels: (given) => {
      if (hasShape(given, shape)) {
        return given;
      }
      return hasShape(given, without) || hasShape(given, single) ? oneHotOf(given) : undefined;
    },
    flaw: (labels) => {
      const rows = cast(labels, 'float32');
      const between = max(abs(sub(square(rows), rows)));
      const notOne = max(abs(sub(sum(rows, axis), 1)));
      return add(between, notOne);
    },
    said: (outputs) =>
      tidy(() => {
        const rows = softmax(logits(front(outputs)));
        return isLast ? rows : transpose(rows, back);
      }),
    pack: (labels, said) => tidy(() => add(mul(cast(labels, 'float32'), LABEL), said)),
    targetsFrom: LABEL,
    loss,
    accuracy: isLast
      ? 'accuracy'
      : function acc(yTrue, yPred) {
          return tidy(() =>
            cast(equal(argMax(front(yTrue), -1), argMax(front(yPred), -1)), 'float32'),
          );
        },
    ofLabels: (metric) => {
      const wrapped: LossFunction = (yTrue, yPred) =>
        tidy(() => metric(unpack(front(yTrue)).hard, front(yPred)));
      return Object.defineProperty(wrapped, 'name', {value: metric.name});
    },
  };
}

/** What is in targets [..., classes], or in plain labels. To be called in a tidy. */
function unpack(packed: Tensor): {hard: Tensor; soft: Tensor; isPacked: Tensor} {
  const all = cast(packed, 'float32');
  const isLabel = cast(greaterEqual(all, LABEL), 'float32');
  const isRow = max(isLabel, -1, true);
  return {
    hard: where(cast(isRow, 'bool'), isLabel, all),
    soft: sub(all, mul(isLabel, LABEL)),
    isPacked: reshape(isRow, isRow.shape.slice(0, -1)),
  };
}

/** The categorical cross-entropy, a number a row. */
function crossentropy(fromLogits: boolean): LossFunction {
  return fromLogits
    ? (yTrue, yPred) => tidy(() => neg(sum(mul(yTrue, logSoftmax(yPred)), -1)))
    : builtin.categoricalCrossentropy;
}
