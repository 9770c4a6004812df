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
  return unit === 'step' ? STEPS : epochs();
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
function epochs(): TrainingPosition {
  let epochsDone = 0;
  // The epoch and batch under way; −1 for a batch that nobody has announced.
  let epochNow = 0;
  let batchNow = -1;
  // Added to `fit`'s epochs, which start at 0 again in a second fit; known at its first epoch.
  let offset: number | null = null;
  return {
    begin: (_step, isNew) => {
      offset = null;
      batchNow = -1;
      if (isNew) {
        epochsDone = 0;
      }
      return null;
    },
    beginEpoch: (epoch) => {
      offset ??= Math.max(0, epochsDone - epoch);
      return (epochNow = epoch + offset);
    },
    beginBatch: (batch) => {
      batchNow = batch;
    },
    // An epoch counts at its last step: updated there, masks are the ones that
    // `fit` validates. Where the number of batches is unknown, it counts at its end.
    afterStep: (_step, params) => (batchNow + 1 === batchesOf(params) ? epochNow + 1 : null),
    endEpoch: (epoch) => (epochsDone = epoch + 1 + (offset ?? 0)),
    end: () => epochsDone,
  };
}

/** The length of a `fit`. */
export interface FitLength {
  /** Epochs that it does. */
  readonly epochs: number;
  /** Epochs done when it ends, those before its `initialEpoch` included. */
  readonly last: number;
  /** Steps of each epoch, if that is known. */
  readonly steps: number | null;
}

/** The length of a `fit`; `null` outside. */
export function lengthOf(params: FitParams): FitLength | null {
  const {epochs: last, initialEpoch = 0} = (params ?? {}) as Record<string, number | undefined>;
  return last === undefined ? null : {epochs: last - initialEpoch, last, steps: batchesOf(params)};
}

/** The position, counted in `unit`, at which a `fit` ends that begins when `done` are done. */
export function endOf({epochs, last, steps}: FitLength, unit: ScheduleUnit, done: number): number {
  return unit === 'epoch' ? Math.max(last, done + epochs) : done + epochs * (steps ?? Infinity);
}

function batchesOf(params: FitParams): number | null {
  const {steps, samples, batchSize} = (params ?? {}) as Record<string, number | null | undefined>;
  return steps ?? (samples && batchSize ? Math.ceil(samples / batchSize) : null);
}
