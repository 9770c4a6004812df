import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {usualFrequency} from '../../lib/schedule/updates';
import {weightsOf} from '../dense_model';
import type {Peer} from '../peers/peer';
import {prunedByPeer} from '../peers/pruned_by_peer';
import {accuracy, type Task} from './task';

/** How long a peer trains on, and the seed of the order of samples. */
interface Training {
  seed: number;
  epochs: number;
}

/**
 * TFMOT prunes each layer while it trains. Masks are updated as often as they are here by
 * default: every twentieth of the way to `endStep`, but at most every 100 steps. TFMOT has
 * no update at `endStep` itself unless that is a multiple, and is then at most 0.02 points
 * of sparsity short.
 */
export async function byTfmot(
  peer: Peer,
  dense: LayersModel,
  task: Task,
  training: Training & Record<'initialSparsity' | 'finalSparsity' | 'endStep', number>,
): Promise<{accuracy: number; recalibrated?: number}> {
  const {seed, epochs, initialSparsity, finalSparsity, endStep} = training;
  const [{pruned, recalibrated}] = await startingFrom<
    Array<{pruned: number; recalibrated: number | null}>
  >(peer, dense, task, {
    op: 'sparsity',
    topology: dense.toJSON(),
    seed,
    epochs,
    end_step: endStep,
    batch_size: task.batch,
    frequency: usualFrequency(0, endStep),
    initial: initialSparsity,
    finals: [finalSparsity],
    samples: task.train.x.shape[0],
    learning_rate: task.learningRate,
    loss: task.loss.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  });
  return {accuracy: pruned, ...(recalibrated === null ? {} : {recalibrated})};
}

/** Torch-Pruning removes half of the channels at once, then trains. */
export async function byTorchPruning(
  peer: Peer,
  dense: LayersModel,
  task: Task,
  {seed, epochs}: Training,
): Promise<Record<'accuracy' | 'parameters', number>> {
  const {batch: batchSize, learningRate} = task;
  const {accuracy: reached, parameters} = await startingFrom<
    Record<'accuracy' | 'parameters', number>
  >(peer, dense, task, {
    op: 'structured',
    net: task.title,
    seed,
    tuning: {epochs, batchSize, learningRate, decay: false},
  });
  return {accuracy: reached, parameters};
}

async function startingFrom<T>(
  peer: Peer,
  dense: LayersModel,
  task: Task,
  request: {op: string} & Record<string, unknown>,
): Promise<T> {
  const weights = weightsOf(dense);
  const own = {weights, accuracy: await accuracy(dense, task.test)};
  const pruned = await prunedByPeer<T>(peer, own, task, request);
  tf.dispose(weights);
  return pruned;
}
