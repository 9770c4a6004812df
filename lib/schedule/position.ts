/** What a schedule counts. */
export type ScheduleUnit = 'step' | 'epoch';

/** What `fit` tells callbacks of itself; nothing in a loop over `trainOnBatch`. */
export type FitParams = Readonly<Record<string, unknown>> | null | undefined;

/**
 * Where training is, as a schedule counts. Told of the events of training, it
 * answers with the position that is reached there, or `null` where the unit is
 * not counted at such an event.
 */
export interface TrainingPosition {
  /** Training begins after `step` optimizer steps; `isNew` unless it goes on with the same weights. */
  begin(step: number, isNew: boolean): number | null;
  beginEpoch(epoch: number): number | null;
  beginBatch(batch: number): void;
  /** A step is done, the batch and the epoch around it are not. */
  afterStep(step: number, params: FitParams): number | null;
  endEpoch(epoch: number): number | null;
  /** Training has ended after `step` optimizer steps. */
  end(step: number): number;
}

/** A position that is counted in `unit`. */
export function positionIn(unit: ScheduleUnit): TrainingPosition {
  return unit === 'step' ? STEPS : new EpochPosition();
}

/** The optimizer counts. */
const STEPS: TrainingPosition = {
  begin: (step) => step,
  beginEpoch: () => null,
  beginBatch: () => {},
  afterStep: (step) => step,
  endEpoch: () => null,
  end: (step) => step,
};

/** Epochs done, over all fits of the same weights. */
class EpochPosition implements TrainingPosition {
  private epochsDone = 0;
  /** The epoch and batch under way; −1 for a batch that nobody has announced. */
  private epoch = 0;
  private batch = -1;
  /** Added to `fit`'s epochs, which start at 0 again in a second fit; known at its first epoch. */
  private offset: number | null = null;

  begin(_step: number, isNew: boolean): null {
    this.offset = null;
    this.batch = -1;
    if (isNew) {
      this.epochsDone = 0;
    }
    return null;
  }

  beginEpoch(epoch: number): number {
    this.offset ??= Math.max(0, this.epochsDone - epoch);
    this.epoch = epoch + this.offset;
    return this.epoch;
  }

  beginBatch(batch: number): void {
    this.batch = batch;
  }

  /**
   * An epoch counts at its last step: updated there, masks are the ones that
   * `fit` validates. Where the number of batches is unknown, it counts at its end.
   */
  afterStep(_step: number, params: FitParams): number | null {
    return this.batch + 1 === batchesOf(params) ? this.epoch + 1 : null;
  }

  endEpoch(epoch: number): number {
    this.epochsDone = epoch + 1 + (this.offset ?? 0);
    return this.epochsDone;
  }

  end(): number {
    return this.epochsDone;
  }
}

/** How many epochs a `fit` has yet to do, and the steps of each if that is known; `null` outside. */
export function lengthOf(params: FitParams): {epochs: number; steps: number | null} | null {
  const {epochs, initialEpoch = 0} = (params ?? {}) as Record<string, number | undefined>;
  return epochs === undefined ? null : {epochs: epochs - initialEpoch, steps: batchesOf(params)};
}

function batchesOf(params: FitParams): number | null {
  const {steps, samples, batchSize} = (params ?? {}) as Record<string, number | null | undefined>;
  return steps ?? (samples && batchSize ? Math.ceil(samples / batchSize) : null);
}
