import type {LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {FiniteWatch} from '../base/finite_watch';
import type {LayerFilter} from '../model/layer_selection';
import type {LayerWeight} from '../model/layer_walk';
import {prunableWeights} from '../model/prunable';
import {readWeight} from '../model/read_weight';
import {
  applyRounding,
  roundingOf,
  setRounding,
  type Rounding,
} from '../projection/rounding/rounding';
import {OptimizerCallback} from './optimizer_callback';

/**
 * Base of the callbacks that make weights one of few values after each optimizer
 * step. They stay so until `stripPruning` ends it; a second `fit` with the same
 * callback goes on where the first one ended.
 */
export abstract class WeightRounding extends OptimizerCallback {
  /** Those that this callback made. */
  private readonly own = new WeakSet<Rounding>();
  private weights: readonly LayerWeight[] = [];
  private watch = new FiniteWatch([], '');

  protected constructor(
    private readonly layers: LayerFilter | undefined,
    private readonly beginStep: number,
  ) {
    super();
  }

  /** The rounding that a weight is to have, made where awaiting is possible if that is needed. */
  protected abstract makeRounding(weight: LayerWeight): Rounding;
  /** Called where training begins, with weights that are finite and not rounded by this callback. */
  protected async prepare(_weights: readonly LayerWeight[]): Promise<void> {}

  protected override async begin(model: LayersModel, step: number): Promise<void> {
    const weights = prunableWeights(model, this.layers);
    const watch = new FiniteWatch(
      weights.map(({name}) => `weight '${name}'`),
      'lower the learning rate, or look for a NaN in the data',
    );
    watch
      .look(
        step,
        weights.map(({variable}) => readWeight(variable)),
      )
      .dispose();
    await watch.throwIfSpoilt();
    await this.prepare(weights.filter(({variable}) => !this.isOwn(variable)));
    this.watch.dispose();
    this.watch = watch;
    this.weights = weights;
    this.round(step);
  }

  protected override afterStep(step: number): void {
    this.round(step);
  }

  /** Called by `fit`. */
  override async onEpochEnd(): Promise<void> {
    await this.throwIfSpoilt();
  }

  protected override async end(): Promise<void> {
    await this.throwIfSpoilt();
  }

  private round(step: number): void {
    if (step < this.beginStep) {
      return;
    }
    for (const weight of this.weights) {
      if (!this.isOwn(weight.variable)) {
        const rounding = this.makeRounding(weight);
        this.own.add(rounding);
        setRounding(weight.variable, rounding);
      }
      applyRounding(weight.variable);
    }
  }

  private isOwn(variable: LayerVariable): boolean {
    const rounding = roundingOf(variable);
    return rounding !== undefined && this.own.has(rounding);
  }

  private async throwIfSpoilt(): Promise<void> {
    const now = this.weights.map(({variable}) => readWeight(variable));
    this.watch.look(this.model.optimizer.iterations, now).dispose();
    await this.watch.throwIfSpoilt();
  }
}
