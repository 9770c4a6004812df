import type {LayersModel} from '@tensorflow/tfjs-layers';

import {makePruner, pruneAtOnce} from '../callbacks/granularity';
import {datasetOf} from '../data/batches';
import {EVALUATED_TOGETHER, Evaluation} from '../data/evaluation';
import {samplesOf} from '../data/training_data';
import {unwarnedOfLag} from '../model/follow_normalization';
import {ModelState} from '../projection/model_state';
import {recalibrateTrained} from '../shrink/recalibrate_normalization';
import type {EpochListener} from '../training/guard';
import {trainAfresh} from '../training/train_afresh';
import {countParameters} from './cost';
import type {LayerTask, Measured, Task, TrialTask} from './executor';
import type {Material} from './material';
import {trainedWeights} from './trained_weights';

/** How a task is followed. */
export interface TaskArgs {
  /** Ends a training between two steps. */
  signal?: AbortSignal;
  /** Called after each epoch; ends the training by throwing. */
  onEpoch: EpochListener;
}

/** Does tasks in this process, each from the model as it was. */
export class Workplace {
  private readonly state: ModelState;

  constructor(private readonly material: Material) {
    this.state = new ModelState(material.model);
  }

  /** The model, which a trial leaves as it was trained. */
  get model(): LayersModel {
    return this.material.model;
  }

  /**
   * Does `task`.
   *
   * @throws What the training, the pruning or the metric throws.
   */
  async do(task: Task, args: TaskArgs): Promise<Measured> {
    const start = Date.now();
    const measured = await (task.kind === 'trial' ? this.try(task, args) : this.prune(task));
    return {...measured, seconds: (Date.now() - start) / 1000};
  }

  /** Gives the model back what it was before all tasks. */
  restore(): void {
    this.state.restore();
  }

  /** Frees what is kept. */
  dispose(): void {
    this.state.dispose();
  }

  private async try(task: TrialTask, {signal, onEpoch}: TaskArgs) {
    const {model, train, validation, metric} = this.material;
    const {granularity, candidate, args, seed, withWeights} = task;
    const pruner = makePruner(granularity, args);
    this.restore();
    await unwarnedOfLag(model, () =>
      trainAfresh(model, {
        epochs: candidate.epochs,
        callbacks: pruner,
        train: samplesOf(train!),
        seed,
        signal,
        onEpoch,
      }),
    );
    await recalibrateTrained(model, samplesOf(train!));
    return {
      metric: await new Evaluation(model, validation, metric, 'validation').value(),
      sparsity: pruner.sparsity,
      parameters: await countParameters(model, granularity),
      ...(withWeights ? {weights: await trainedWeights(model)} : {}),
    };
  }

  private async prune({granularity, layer, sparsity, scoring, normalization, most}: LayerTask) {
    const {model, validation, metric, calibration} = this.material;
    const data =
      most === undefined
        ? validation
        : datasetOf(validation, {most, batchSize: EVALUATED_TOGETHER});
    this.restore();
    try {
      const args = {...scoring, ...(calibration ? {calibration} : {}), layers: [layer]};
      await pruneAtOnce(model, granularity, args, sparsity);
      if (normalization !== 'keep') {
        await recalibrateTrained(model, data);
      }
      return {metric: await new Evaluation(model, data, metric).value(), sparsity};
    } finally {
      this.restore();
    }
  }
}
