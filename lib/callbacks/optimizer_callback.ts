import type {LayersModel} from '@tensorflow/tfjs-layers';
import {Callback} from '@tensorflow/tfjs-layers';

import {Pace} from '../base/yielding';
import {thisTraining} from '../model/trained_model';
import {onOptimizerStep, type Gradients} from '../projection/optimizer_step';
import {compiledModel} from './compiled_model';

/** What `fit` tells hooks of losses and metrics. */
export type Logs = Parameters<Callback['onEpochEnd']>[1];

/**
 * Base of the callbacks that act right after each optimizer step. In a loop of
 * `trainOnBatch`, call `setModel(model)` and `await onTrainBegin()` before it
 * and `await onTrainEnd()` after it: all between happens in the optimizer.
 */
export abstract class OptimizerCallback extends Callback {
  private detach: (() => void) | null = null;
  private pace = new Pace();

  /** The name of the class, also where a minifier has renamed it. */
  protected get className(): string {
    return (this.constructor as unknown as {className: string}).className;
  }

  /** The model is known and compiled, and no step was done yet. */
  protected abstract begin(model: LayersModel, step: number): void | Promise<void>;
  /** The gradients of a step are there, and not yet applied. No awaiting here. */
  protected beforeStep(_gradients: Gradients): void {}
  /** `step` optimizer steps are done. Inside the optimizer: no awaiting here. */
  protected abstract afterStep(step: number): void;
  /** Training has ended. */
  protected abstract end(step: number): void | Promise<void>;

  /** Called by `fit`. */
  override async onTrainBegin(): Promise<void> {
    const model = compiledModel(this);
    // A `fit` that threw has not called onTrainEnd.
    this.detach?.();
    this.detach = null;
    await this.begin(model, model.optimizer.iterations);
    this.pace = new Pace();
    // A `fit` that throws leaves the listener behind.
    const isCurrent = thisTraining(model);
    const detach = onOptimizerStep(
      model.optimizer,
      (step) => (isCurrent() ? this.afterStep(step) : detach()),
      (gradients) => isCurrent() && this.beforeStep(gradients),
    );
    this.detach = detach;
  }

  /** Called by `fit`. */
  override async onBatchEnd(_batch: number, _logs?: Logs): Promise<void> {
    await this.pace.rest();
  }

  /** Called by `fit`. */
  override async onTrainEnd(): Promise<void> {
    this.detach?.();
    this.detach = null;
    await this.end(this.model.optimizer.iterations);
  }
}
