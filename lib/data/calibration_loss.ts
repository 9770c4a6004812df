import {
  add,
  addN,
  dispose,
  engine,
  mean,
  mul,
  type Tensor,
  tidy,
  type Variable,
  zerosLike,
} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {trainedModel} from '../model/trained_model';
import type {Batch} from './batches';

/** What a model predicts for a batch. */
export function outputsOf(model: LayersModel, {xs}: Batch): Tensor[] {
  return [trainedModel(model).apply(xs.length === 1 ? xs[0] : xs)].flat() as Tensor[];
}

/**
 * The loss of a compiled model as `evaluate` gives it: the mean over all
 * samples, summed up over the outputs, without regularizers. Not read.
 */
export function calibrationLoss(model: LayersModel, batches: readonly Batch[]): Tensor {
  return tidy(() =>
    addN(batches.map((batch) => mul(batchLoss(model, batch), share(batch, batches)))),
  );
}

/** The gradients of `calibrationLoss`; zeros for a variable that plays no part in it. */
export function calibrationGradients(
  model: LayersModel,
  batches: readonly Batch[],
  variables: readonly Variable[],
): Tensor[] {
  let total: Tensor[] = variables.map((variable) => zerosLike(variable));
  for (const batch of batches) {
    const former = total;
    total = tidy(() =>
      batchGradients(model, batch, variables).map((gradient, i) =>
        add(former[i], mul(gradient, share(batch, batches))),
      ),
    );
    dispose(former);
  }
  return total;
}

/** The gradients of the mean loss over one batch; zeros for a variable that plays no part. */
export function batchGradients(
  model: LayersModel,
  batch: Batch,
  variables: readonly Tensor[],
): Tensor[] {
  return tidy(() => {
    const {grads} = engine().gradients(
      () => batchLoss(model, batch),
      [...variables],
      undefined,
      true,
    );
    return variables.map((variable, i) => grads[i] ?? zerosLike(variable));
  });
}

function batchLoss(model: LayersModel, batch: Batch): Tensor {
  return tidy(() => {
    const outputs = outputsOf(model, batch);
    const losses = trainedModel(model).lossFunctions;
    return addN(losses.map((loss, i) => mean(loss(batch.ys[i], outputs[i]))));
  });
}

function share({size}: Batch, batches: readonly Batch[]): number {
  return size / batches.reduce((all, batch) => all + batch.size, 0);
}
