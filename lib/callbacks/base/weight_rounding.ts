import type {LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {PruningError} from '../../base/errors';
import {FiniteWatch} from '../../base/finite_watch';
import type {NormalizationMode} from '../../model/follow_normalization';
import type {LayerFilter} from '../../model/layer_selection';
import type {LayerWeight} from '../../model/layer_walk';
import {weightsToPrune} from '../../model/prunable';
import {readWeight} from '../../model/read_weight';
import {roundingOf, setRounding, type Rounding} from '../../projection/rounding/rounding';
import {positionIn, type ScheduleUnit, type TrainingPosition} from '../../schedule/position';
import {OptimizerCallback, type Logs} from './optimizer_callback';

/** Which weights are rounded, and from when on. */
export interface RoundingTiming {
  readonly layers: LayerFilter | undefined;
  readonly beginStep: number;
  readonly unit: ScheduleUnit;
  readonly normalization: NormalizationMode;
}

/** The callback that rounds a weight, or did last. */
const claims = new WeakMap<LayerVariable, WeightRounding>();

/**
 * Base of the callbacks that make weights one of few values. They stay so after
 * every write until `stripPruning` ends it; a second `fit` with the same callback
 * goes on where the first one ended.
 */
export abstract class WeightRounding extends OptimizerCallback {
  private weights: readonly LayerWeight[] = [];
  private watch = new FiniteWatch([], '');
  private readonly position: TrainingPosition;

  protected constructor(private readonly timing: RoundingTiming) {
    super(timing.normalization);
    this.position = positionIn(timing.unit);
  }

  /** The rounding that a weight is to have, made where awaiting is possible if that is needed. */
  protected abstract makeRounding(weight: LayerWeight): Rounding;
  /** Called where training begins, with weights that are finite and not rounded by this callback. */
  protected async prepare(_weights: readonly LayerWeight[]): Promise<void> {}

  protected override async begin(model: LayersModel, step: number): Promise<void> {
    const weights = weightsToPrune(model, this.timing.layers);
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
    this.claim(weights);
    const isNew = weights.some(({variable}) => !this.isOwn(variable));
    const unfit = weights.filter(({variable}) => !this.fits(variable));
    await this.prepare(unfit);
    this.watch.dispose();
    this.watch = watch;
    this.weights = weights;
    this.roundAt(this.position.begin(step, isNew), unfit);
  }

  protected override afterStep(step: number): void {
    this.roundAt(this.position.afterStep(step, this.params));
  }

  /** Called by `fit`. */
  override async onBatchBegin(batch: number, logs?: Logs): Promise<void> {
    this.position.beginBatch(batch);
    await super.onBatchBegin(batch, logs);
  }

  /** Called by `fit`. */
  override async onEpochBegin(epoch: number): Promise<void> {
    this.roundAt(this.position.beginEpoch(epoch));
  }

  /** Called by `fit`. */
  override async onEpochEnd(epoch: number): Promise<void> {
    this.roundAt(this.position.endEpoch(epoch));
    await this.throwIfSpoilt();
  }

  protected override async end(step: number): Promise<void> {
    await this.throwIfSpoilt();
    const {beginStep, unit} = this.timing;
    if (this.position.end(step) < beginStep) {
      console.warn(
        `${this.className}: training ended before beginStep (${beginStep}), so no weight is rounded. ` +
          `Train longer, or lower beginStep${unit === 'step' ? " (is it one of epochs? unit: 'epoch')" : ''}.`,
      );
    }
  }

  /** A weight has one rounding at a time: two callbacks would replace each other's at each step. */
  private claim(weights: readonly LayerWeight[]): void {
    for (const {name, variable} of weights) {
      const other = claims.get(variable);
      if (other !== undefined && other !== this && other.isActive) {
        const expected = `only one callback that rounds '${name}': give them different layers`;
        const received = `${other.className} and ${this.className}`;
        throw new PruningError('callbacks', expected, received);
      }
    }
    weights.forEach(({variable}) => claims.set(variable, this));
  }

  /** Gives the weights their roundings, if it is time for that at `position`. */
  private roundAt(position: number | null, unfit: readonly LayerWeight[] = []): void {
    if (position !== null && position >= this.timing.beginStep) {
      const open = this.weights.filter(({variable}) => !this.isOwn(variable));
      const due = new Set([...open, ...unfit]);
      due.forEach((weight) => setRounding(weight.variable, this.makeRounding(weight)));
      if (due.size > 0) {
        this.changed(1);
      }
    }
  }

  /** Whether this callback made the rounding of `variable`. */
  private isOwn(variable: LayerVariable): boolean {
    return roundingOf(variable)?.maker === this;
  }

  /** Whether that rounding is also one for the values that the weight was last given. */
  private fits(variable: LayerVariable): boolean {
    return this.isOwn(variable) && roundingOf(variable)!.unfitting === null;
  }

  private async throwIfSpoilt(): Promise<void> {
    const now = this.weights.map(({variable}) => readWeight(variable));
    this.watch.look(this.step, now).dispose();
    await this.watch.throwIfSpoilt();
  }
}
