import type {Tensor} from '@tensorflow/tfjs-core';
import {
  abs,
  add,
  cast,
  clipByValue,
  div,
  equal,
  greater,
  greaterEqual,
  log,
  max,
  maximum,
  mean,
  mul,
  neg,
  relu,
  reshape,
  sigmoid,
  softplus,
  square,
  sub,
  tidy,
  where,
} from '@tensorflow/tfjs-core';
import {metrics as builtin} from '@tensorflow/tfjs-layers';

import {checkSameShape, type LossFunction} from '../loss';
import {hasShape, type Head, type HeadArgs} from './head';

/**
 * Labels and what the teacher says of them are 2 + 2·y + q, for y 0 or 1 and q in
 * [0, 1]: numbers below 2 are plain labels.
 */
const PACKED = 2;

/** How near probabilities come to 0 and 1, as in tfjs's own cross-entropy. */
const NEAR = 1e-7;

/** Only so that 0·log(0) is 0. */
const SMALLEST = 1e-37;

/**
 * Yes or no, each number by itself, and the mean over the last axis:
 * alpha·T²·KL(Bernoulli(teacher at T) ‖ Bernoulli(student at T)) +
 * (1 − alpha)·the loss by the labels.
 */
export function sigmoidHead(args: HeadArgs): Head {
  const {shape, temperature, alpha, fromLogits} = args;
  const {hardLoss = crossentropy(fromLogits)} = args;
  const logits = (outputs: Tensor) => div(fromLogits ? outputs : logitsOf(outputs), temperature);

  const loss: LossFunction = function distillation(yTrue, yPred) {
    checkSameShape(yTrue, yPred);
    return tidy(() => {
      const {hard, soft, isPacked} = unpack(yTrue);
      const z = logits(yPred);
      const yes = mul(soft, sub(log(maximum(soft, SMALLEST)), neg(softplus(neg(z)))));
      const against = sub(1, soft);
      const no = mul(against, sub(log(maximum(against, SMALLEST)), neg(softplus(z))));
      const share = mul(max(isPacked, -1), alpha);
      return add(
        mul(mul(share, temperature ** 2), mean(add(yes, no), -1)),
        mul(sub(1, share), hardLoss(hard, yPred)),
      );
    });
  };

  const threshold = fromLogits ? 0 : 0.5;
  return {
    expected: 'labels that are 0 or 1',
    labels: (given) => {
      if (hasShape(given, shape)) {
        return given;
      }
      // A vector as a matrix of one column, as `fit` makes it.
      const isFlat = shape[shape.length - 1] === 1 && hasShape(given, shape.slice(0, -1));
      return isFlat ? reshape(given, [...given.shape, 1]) : undefined;
    },
    flaw: (labels) => {
      const values = cast(labels, 'float32');
      return max(abs(sub(square(values), values)));
    },
    said: (outputs) => tidy(() => sigmoid(logits(outputs))),
    pack: (labels, said) => tidy(() => add(add(mul(cast(labels, 'float32'), 2), said), PACKED)),
    targetsFrom: PACKED,
    loss,
    accuracy: function acc(yTrue, yPred) {
      return tidy(() => {
        const guess = cast(greater(yPred, threshold), 'float32');
        return mean(cast(equal(unpack(yTrue).hard, guess), 'float32'), -1);
      });
    },
    ofLabels: (metric) => {
      const wrapped: LossFunction = (yTrue, yPred) => tidy(() => metric(unpack(yTrue).hard, yPred));
      return Object.defineProperty(wrapped, 'name', {value: metric.name});
    },
  };
}

/** What is in targets, or in plain labels. To be called in a tidy. */
function unpack(packed: Tensor): {hard: Tensor; soft: Tensor; isPacked: Tensor} {
  const all = cast(packed, 'float32');
  const isPacked = cast(greaterEqual(all, PACKED), 'float32');
  const isYes = cast(greaterEqual(all, PACKED + 2), 'float32');
  return {
    hard: where(cast(isPacked, 'bool'), isYes, all),
    soft: sub(sub(all, mul(isYes, 2)), mul(isPacked, PACKED)),
    isPacked,
  };
}

function logitsOf(probabilities: Tensor): Tensor {
  const inside = clipByValue(probabilities, NEAR, 1 - NEAR);
  return sub(log(inside), log(sub(1, inside)));
}

/** The binary cross-entropy, the mean over the last axis. */
function crossentropy(fromLogits: boolean): LossFunction {
  return fromLogits
    ? (yTrue, z) =>
        tidy(() => {
          const distance = add(sub(relu(z), mul(z, yTrue)), softplus(neg(abs(z))));
          return mean(distance, -1);
        })
    : builtin.binaryCrossentropy;
}
