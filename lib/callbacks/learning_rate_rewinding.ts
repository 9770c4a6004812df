import type {Optimizer} from '@tensorflow/tfjs-core';
import {Callback} from '@tensorflow/tfjs-layers';

import {check, checkChoice, checkOptions} from '../base/check';
import {learningRate, setLearningRate} from '../model/learning_rate';
import {type Cycles, cycleShare, cyclesOf} from '../schedule/cycles';
import {
  endOf,
  lengthOf,
  positionIn,
  type ScheduleUnit,
  type TrainingPosition,
} from '../schedule/position';
import type {Schedule} from '../schedule/schedule';
import {compiledModel} from './base/compiled_model';

/** Arguments of `LearningRateRewinding`. */
export interface LearningRateRewindingArgs {
  /**
   * The schedule that prunes the weights, or the steps at which cycles begin. The first
   * cycle begins at 0. With `piecewiseConstant` a cycle begins at each of its steps, and
   * with a gradual schedule at its end.
   */
  schedule: Schedule | readonly number[];
  /** The step at which the last cycle ends; training should end there too. */
  endStep: number;
  /** Whether `endStep` counts optimizer steps or epochs. Default: `'step'`. */
  unit?: ScheduleUnit;
  /**
   * The learning rate at the end of a cycle, as a share of that at its start, in [0, 1].
   * Default: 0.01.
   */
  finalShare?: number;
}

/** Which of them began a training by an optimizer last. */
const LAST = new WeakMap<Optimizer, LearningRateRewinding>();

/**
 * Lowers the learning rate of the optimizer along half a cosine, and resets it each time
 * weights are pruned: learning-rate rewinding (Renda et al. 2020,
 * https://arxiv.org/abs/2003.02389). When training ends, the optimizer has its first
 * learning rate again.
 *
 * In a loop of `trainOnBatch`, call `setModel(model)` and `await onTrainBegin()` before
 * it, `await onBatchBegin(batch)` before each step and `await onTrainEnd()` after it.
 *
 * @throws PruningError for an argument out of its range, an unknown option, a model that
 *   is not compiled, and an optimizer without a learning rate.
 * @example
 * const schedule = piecewiseConstant([[200, 0.8], [400, 0.95]]);
 * const rewinding = new LearningRateRewinding({schedule, endStep: 600});
 * await model.fit(x, y, {epochs: 6, callbacks: [new WeightPruner({schedule}), rewinding]});
 */
export class LearningRateRewinding extends Callback {
  /** The class's name, which outlives minifiers. */
  static readonly className = 'LearningRateRewinding';
  private readonly cycles: Cycles;
  private readonly finalShare: number;
  private readonly position: TrainingPosition;
  private readonly unit: ScheduleUnit;
  /** The optimizer whose learning rate changes, and the one that it began with. */
  private changed: {readonly optimizer: Optimizer; readonly rate: number} | null = null;
  /** The optimizer of the last training. */
  private former: Optimizer | null = null;
  /** Whether it was said that `endStep` does not fit the length of training. */
  private isLengthTold = false;
  /** Whether it was said that there is another one. */
  private isAnotherTold = false;

  constructor(args: LearningRateRewindingArgs) {
    checkOptions('LearningRateRewinding', args, ['schedule', 'endStep', 'unit', 'finalShare']);
    const {schedule, endStep, unit = 'step', finalShare = 0.01} = args;
    checkChoice('unit', unit, ['step', 'epoch']);
    const isShare = typeof finalShare === 'number' && finalShare >= 0 && finalShare <= 1;
    check(isShare, 'finalShare', 'a number in [0, 1]', finalShare);
    const cycles = cyclesOf(schedule, endStep);
    super();
    this.cycles = cycles;
    this.finalShare = finalShare;
    this.position = positionIn(unit);
    this.unit = unit;
  }

  /** Called by `fit`. */
  override async onTrainBegin(): Promise<void> {
    const {optimizer} = compiledModel(this);
    // A fit that threw has left the learning rate where it was.
    this.restore();
    const isNew = this.former !== optimizer;
    this.former = optimizer;
    LAST.set(optimizer, this);
    const begin = this.position.begin(optimizer.iterations, isNew);
    this.tellOfLength(this.position.end(optimizer.iterations));
    this.moveTo(begin);
  }

  /** Called by `fit`. */
  override async onEpochBegin(epoch: number): Promise<void> {
    this.moveTo(this.position.beginEpoch(epoch));
  }

  /** Called by `fit`. */
  override async onBatchBegin(_batch?: number): Promise<void> {
    const {optimizer} = compiledModel(this);
    this.tellOfAnother(optimizer);
    this.moveTo(this.position.afterStep(optimizer.iterations, null));
  }

  /** Called by `fit`. */
  override async onEpochEnd(epoch: number): Promise<void> {
    this.position.endEpoch(epoch);
  }

  /** Called by `fit`. */
  override async onTrainEnd(): Promise<void> {
    this.restore();
  }

  /** Warns, once, where another one in the same training sets the learning rate too. */
  private tellOfAnother(optimizer: Optimizer): void {
    if (LAST.get(optimizer) === this || !LAST.has(optimizer) || this.isAnotherTold) {
      return;
    }
    this.isAnotherTold = true;
    console.warn(
      'LearningRateRewinding: two of them set the learning rate of the same training, and the ' +
        'last in the list of callbacks wins. Leave one out.',
    );
  }

  /** Warns, once, where the cycles end long before or after training does. */
  private tellOfLength(done: number): void {
    const fit = lengthOf(this.params);
    if (fit === null || this.isLengthTold) {
      return;
    }
    const {finalShare, unit} = this;
    const {end} = this.cycles;
    const last = endOf(fit, unit, done);
    const begin = unit === 'epoch' ? last - fit.epochs : done;
    const cycled = Math.max(0, end - begin);
    if (!Number.isFinite(last) || (end <= last && 2 * cycled > last - begin)) {
      return;
    }
    this.isLengthTold = true;
    const remedy = begin >= end ? 'Compile the model again to count from 0' : 'Raise endStep';
    console.warn(
      end > last
        ? `LearningRateRewinding: training will end at ${unit} ${last}, before endStep (${end}), ` +
            'with a learning rate that is still high. Train longer, or lower endStep.'
        : `LearningRateRewinding: the last cycle ends after ${cycled} of ${last - begin} ${unit}s. From then ` +
            `on the learning rate stays at ${finalShare} of what it was. ${remedy}` +
            `${unit === 'step' ? ", or set unit: 'epoch' where endStep counts epochs" : ''}.`,
    );
  }

  /** Sets the learning rate of what comes after `position`; nothing where that is not known. */
  private moveTo(position: number | null): void {
    if (position !== null) {
      const {optimizer} = compiledModel(this);
      if (this.changed?.optimizer !== optimizer) {
        this.restore();
        this.changed = {optimizer, rate: learningRate(optimizer, 0)};
      }
      const share = cycleShare(this.cycles, position, this.finalShare);
      setLearningRate(optimizer, this.changed.rate * share);
    }
  }

  private restore(): void {
    if (this.changed) {
      setLearningRate(this.changed.optimizer, this.changed.rate);
      this.changed = null;
    }
  }
}
