import type {LayersModel} from '@tensorflow/tfjs-layers';
import {Callback} from '@tensorflow/tfjs-layers';

import {PruningError} from '../errors';
import {onOptimizerStep, type Gradients} from '../optimizer_step';
import {Pace} from '../pace';

type Logs = Parameters<Callback['onEpochEnd']>[1];

/**
 * Base of the callbacks that act right after each optimizer step. In a loop of
 * `trainOnBatch`, call `setModel(model)` and `await onTrainBegin()` before it
 * and `await onTrainEnd()` after it: all between happens in the optimizer.
 */
export abstract class OptimizerCallback extends Callback {
  private detach: (() => void) | null = null;
  private pace = new Pace();

  /** The model is known and compiled, and no step was done yet. */
  protected abstract begin(model: LayersModel, step: number): void | Promise<void>;
  /** The gradients of a step are there, and not yet applied. No awaiting here. */
  protected beforeStep(_gradients: Gradients): void {}
  /** `step` optimizer steps are done. Inside the optimizer: no awaiting here. */
  protected abstract afterStep(step: number): void;
  /** Training has ended. */
  protected abstract end(step: number): void | Promise<void>;

  override async onTrainBegin(): Promise<void> {
    if (!(this instanceof OptimizerCallback)) {
      // tfjs has taken the callback for a plain object and copied its methods.
      throw new PruningError(
        'callbacks',
        'callbacks made ready by composeCallbacks(...) where a plain object is among them',
        'a list that starts with a plain object',
      );
    }
    const model = this.model as LayersModel | null;
    if (model === null) {
      throw new PruningError('model', 'setModel(model) before onTrainBegin()', null);
    }
    if (model.optimizer == null) {
      throw new PruningError('model', 'a compiled model', `'${model.name}' without an optimizer`);
    }
    // A `fit` that threw has not called onTrainEnd.
    this.detach?.();
    this.detach = null;
    await this.begin(model, model.optimizer.iterations);
    this.pace = new Pace();
    // `fit` makes a history of its own; a loop over trainOnBatch makes none.
    const isFitting = () => Boolean(Reflect.get(model, 'isTraining'));
    const history = isFitting() ? model.history : null;
    // A `fit` that threw leaves it behind.
    const isLeft = () => history !== null && (!isFitting() || model.history !== history);
    const detach = onOptimizerStep(
      model.optimizer,
      (step) => (isLeft() ? detach() : this.afterStep(step)),
      (gradients) => !isLeft() && this.beforeStep(gradients),
    );
    this.detach = detach;
  }

  override async onBatchEnd(_batch: number, _logs?: Logs): Promise<void> {
    await this.pace.rest();
  }

  override async onTrainEnd(): Promise<void> {
    this.detach?.();
    this.detach = null;
    await this.end(this.model.optimizer.iterations);
  }
}
