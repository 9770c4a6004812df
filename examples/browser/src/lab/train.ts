import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import {
  ChannelPruner,
  composeCallbacks,
  NeuronPruner,
  PolynomialDecay,
  shrink,
  stripPruning,
} from 'tfjs-prune';

import {compile, MODELS} from '../../../mnist/models';
import type {Look, Point, TrainOptions} from './api';
import {digitTensors, type Digits} from './digits';
import {lookAt} from './look';
import {copyOf} from './measure';

/** The model before and after pruning. */
export interface Trained {
  dense: LayersModel;
  pruned: LayersModel;
}

/** Who is told how training goes, and may end it. */
export interface Watcher {
  isStopped(): boolean;
  onPoint(point: Point): void;
  onLook(look: Look): void;
}

type Pruner = PolynomialDecay | ChannelPruner | NeuronPruner;

const LOOK_EVERY_MS = 700;
/** Pause after a look, by the time that it took: software WebGL is slow at it. */
const PAUSE_PER_LOOK = 5;
/** Updates of the masks before the schedule ends. */
const UPDATES = 12;

/**
 * Trains a model, keeps a copy, and prunes it while training on.
 *
 * @returns Both, the caller's to dispose; `null` if it was stopped.
 */
export async function train(
  options: TrainOptions,
  digits: Digits,
  watcher: Watcher,
): Promise<Trained | null> {
  const {epochs, pruningEpochs, images, batchSize} = options;
  const {xs, ys} = digitTensors(digits, images);
  const model = freshModel(options.model);
  const owned = [model];
  const stepsPerEpoch = Math.ceil(images / batchSize);
  const steps = (epochs + pruningEpochs) * stepsPerEpoch;

  const fit = async (begin: number, fitEpochs: number, pruner?: Pruner) => {
    // Counts its steps from 0, as the schedule does.
    model.optimizer?.dispose();
    compile(model);
    let nextLook = 0;
    let last = {loss: NaN, acc: NaN};
    const tell = (step: number) =>
      watcher.onPoint({
        step,
        steps,
        isPruning: pruner !== undefined,
        loss: last.loss,
        accuracy: last.acc,
        sparsity: pruner?.sparsity ?? 0,
      });
    const {history} = await model.fit(xs, ys, {
      epochs: fitEpochs,
      batchSize,
      verbose: 0,
      callbacks: composeCallbacks(pruner, {
        // Where tfjs lets the browser breathe, and has read the batch's figures anyway.
        async onYield(epoch, batch, logs) {
          last = logs as typeof last;
          tell(begin + epoch * stepsPerEpoch + batch + 1);
          const start = Date.now();
          if (start > nextLook) {
            watcher.onLook(await lookAt(model));
            const pause = PAUSE_PER_LOOK * (Date.now() - start);
            nextLook = Date.now() + Math.max(LOOK_EVERY_MS, pause);
          }
          model.stopTraining = watcher.isStopped();
        },
      }),
    });
    if (Number.isNaN(last.loss)) {
      last = {loss: history.loss.at(-1) as number, acc: history.acc.at(-1) as number};
    }
    if (!watcher.isStopped()) {
      tell(begin + fitEpochs * stepsPerEpoch);
      watcher.onLook(await lookAt(model));
    }
  };

  try {
    await fit(0, epochs);
    if (watcher.isStopped()) {
      return dispose(owned);
    }
    const dense = await copyOf(model);
    owned.push(dense);
    await fit(
      epochs * stepsPerEpoch,
      pruningEpochs,
      pruner(options, pruningEpochs * stepsPerEpoch),
    );
    if (watcher.isStopped()) {
      return dispose(owned);
    }
    stripPruning(model);
    if (options.method === 'weights') {
      return {dense, pruned: model};
    }
    const pruned = await shrink(model);
    model.dispose();
    return {dense, pruned};
  } catch (error) {
    dispose(owned);
    throw error;
  } finally {
    tf.dispose([xs, ys]);
  }
}

/** A model as it is before training: the same each time. */
export function freshModel(name: TrainOptions['model']): LayersModel {
  return MODELS[name](1);
}

function pruner({model, method, sparsity}: TrainOptions, steps: number): Pruner {
  // The last quarter trains at the final sparsity, to recover from the last cut.
  const endStep = Math.ceil(0.75 * steps);
  const schedule = {
    initialSparsity: method === 'weights' ? sparsity / 2 : 0,
    finalSparsity: sparsity,
    beginStep: 0,
    endStep,
    frequency: Math.ceil(endStep / UPDATES),
  };
  if (method === 'weights') {
    // The smallest weights of the whole model: the small last layer keeps more of its own.
    return new PolynomialDecay({...schedule, scope: 'global'});
  }
  return model === 'cnn' ? new ChannelPruner(schedule) : new NeuronPruner(schedule);
}

function dispose(models: readonly LayersModel[]): null {
  for (const model of models) {
    stripPruning(model).dispose();
  }
  return null;
}
