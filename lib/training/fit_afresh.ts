import type {Optimizer} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {composeCallbacks, type CallbackLike} from '../callbacks/compose';
import {datasetOf, type TrainingData} from '../data/training_data';
import {freshOptimizer} from '../model/copy_compilation';
import {trainedModel} from '../model/trained_model';
import type {ModelState} from '../projection/model_state';
import {Guard, type EpochListener} from './guard';

/** Trains a model again and again from the same state, each time with an optimizer of its own. */
export class Trainer {
  constructor(
    private readonly model: LayersModel,
    private readonly train: TrainingData,
    private readonly seed: number,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /** Trains from `state`; the model is left as trained, with its own optimizer in place. */
  async run(
    state: ModelState,
    epochs: number,
    callback: CallbackLike,
    onEpoch: EpochListener,
  ): Promise<void> {
    state.restore();
    const inner = trainedModel(this.model);
    const {optimizer, history} = inner;
    const isOwned: unknown = Reflect.get(inner, 'isOptimizerOwned');
    const own = freshOptimizer(optimizer);
    const guard = new Guard(this.signal, onEpoch);
    setOptimizer(inner, own);
    try {
      await this.model.fitDataset(datasetOf(this.train, this.seed), {
        epochs,
        verbose: 0,
        callbacks: composeCallbacks(callback, guard),
      });
    } finally {
      setOptimizer(inner, optimizer);
      Reflect.set(inner, 'isOptimizerOwned', isOwned);
      inner.history = history;
      own.dispose();
    }
    guard.throwIfStopped();
  }
}

function setOptimizer(model: LayersModel, optimizer: Optimizer): void {
  model.optimizer = optimizer;
}
