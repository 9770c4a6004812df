import type {Optimizer} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import {Callback} from '@tensorflow/tfjs-layers';

import {PruningError} from '../../base/errors';
import {Pace} from '../../base/yielding';
import {
  followNormalization,
  type Following,
  type NormalizationMode,
} from '../../model/follow_normalization';
import {isFitting, thisTraining} from '../../model/present_training';
import {onOptimizerStep, watchOptimizer, type Gradients} from '../../projection/optimizer_step';
import {compiledModel} from './compiled_model';
import type * as Warnings from './warnings';

/** What `fit` tells hooks of losses and metrics. */
export type Logs = Parameters<Callback['onEpochEnd']>[1];

/** A training that a callback takes part in. */
interface Training {
  readonly model: LayersModel;
  /** Whether it is still under way, as far as that is known. */
  readonly isCurrent: () => boolean;
  detach: () => void;
  readonly following: Following;
  /** The optimizer of the last step, and the steps of those that the model had before it. */
  optimizer: Optimizer;
  stepsBefore: number;
  /** Steps of `optimizer` when it was seen last. */
  steps: number;
}

/**
 * Base of the callbacks that act right after each optimizer step. In a loop of
 * `trainOnBatch`, call `setModel(model)` and `await onTrainBegin()` before it
 * and `await onTrainEnd()` after it: all between happens in the optimizer.
 *
 * A model may be compiled again while it trains. The callback then follows its new
 * optimizer, and goes on counting where the former one ended.
 */
export abstract class OptimizerCallback extends Callback {
  private training: Training | null = null;
  private pace = new Pace();

  constructor(private readonly normalization: NormalizationMode = 'follow') {
    super();
  }

  /** The name of the class, also where a minifier has renamed it. */
  protected get className(): string {
    return (this.constructor as unknown as {className: string}).className;
  }

  /** Whether a training that it takes part in is under way. */
  protected get isActive(): boolean {
    return this.training?.isCurrent() ?? false;
  }

  /** Tells that this callback has changed weights by a share in [0, 1] of what they were. */
  protected changed(share: number): void {
    this.training?.following.changed(share);
  }

  /** Optimizer steps done, counted on where the model was compiled again in the middle. */
  protected get step(): number {
    return this.training === null ? this.model.optimizer.iterations : stepOf(this.training);
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
  override setModel(model: LayersModel): void {
    // Two fits at once set their models before either begins.
    if (this.model !== null && this.model !== model && isFitting(this.model)) {
      throw this.busyWith(this.model);
    }
    super.setModel(model);
  }

  /** Called by `fit`. */
  override async onTrainBegin(): Promise<void> {
    const model = compiledModel(this);
    const other = this.training?.model;
    if (other !== undefined && other !== model && this.isActive) {
      // The other training, a loop, goes on with its own model.
      this.model = other;
      throw this.busyWith(other);
    }
    // A `fit` that threw has not called onTrainEnd.
    this.leave();
    const {optimizer} = model;
    const isCurrent = thisTraining(model);
    const training: Training = {
      model,
      isCurrent,
      following: followNormalization(model, this.normalization, isCurrent),
      detach: () => {},
      optimizer,
      steps: optimizer.iterations,
      stepsBefore: 0,
    };
    this.training = training;
    try {
      await this.begin(model, training.steps);
    } catch (error) {
      this.leave();
      throw error;
    }
    this.pace = new Pace();
    // A `fit` that throws leaves the listener behind.
    training.detach = onOptimizerStep(model, {
      before: (gradients) => {
        // An optimizer that is new is noticed before its first step.
        stepOf(training);
        if (training.isCurrent()) {
          training.following.stepped();
          this.beforeStep(gradients);
        }
      },
      after: () => (training.isCurrent() ? this.afterStep(this.step) : training.detach()),
    });
  }

  /** Called by `fit`. */
  override async onBatchBegin(_batch: number, _logs?: Logs): Promise<void> {
    // It may be another than before, and of a class of the user's own.
    watchOptimizer(this.model.optimizer);
  }

  /** Called by `fit`. */
  override async onBatchEnd(_batch: number, _logs?: Logs): Promise<void> {
    if (this.training === null) {
      await this.warnOfNoBegin('onBatchEnd');
    }
    await this.pace.rest();
  }

  /** Called by `fit`. */
  override async onTrainEnd(): Promise<void> {
    const {step, training} = this;
    if (training === null) {
      await this.warnOfNoBegin('onTrainEnd');
      return;
    }
    training.detach();
    let lagging = 0;
    try {
      await this.end(step);
    } finally {
      lagging = this.leave();
    }
    if (lagging > 0) {
      await this.warn((warnings) => warnings.warnOfLag(this.className, lagging));
    }
  }

  /**
   * Does `work` with what warns of likely mistakes, which is loaded only where there may be one.
   *
   * @returns What `work` does; `undefined` where nothing could be loaded, and training goes on.
   */
  protected async warn<T>(work: (warnings: typeof Warnings) => T): Promise<T | undefined> {
    const warnings = await import('./warnings').catch(() => undefined);
    return warnings && work(warnings);
  }

  private async warnOfNoBegin(hook: string): Promise<void> {
    await this.warn((warnings) => warnings.warnOfNoBegin(this, this.className, hook));
  }

  /** Returns how many normalizations lag behind the weights. */
  private leave(): number {
    const {training} = this;
    this.training = null;
    training?.detach();
    return training?.following.end() ?? 0;
  }

  private busyWith({name}: LayersModel): PruningError {
    const expected = `a ${this.className} of its own for each model that trains at the same time`;
    return new PruningError('callbacks', expected, `the one that is training '${name}'`);
  }
}

/** Optimizer steps of a training, whatever optimizers the model has had in it. */
function stepOf(training: Training): number {
  const {optimizer} = training.model;
  if (optimizer !== training.optimizer) {
    training.stepsBefore += training.steps - optimizer.iterations;
    training.optimizer = optimizer;
  }
  training.steps = optimizer.iterations;
  return training.stepsBefore + training.steps;
}
