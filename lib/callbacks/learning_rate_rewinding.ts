import type {Optimizer} from '@tensorflow/tfjs-core';
import {Callback} from '@tensorflow/tfjs-layers';

import {check, checkChoice, checkOptions} from '../base/check';
import {learningRate, setLearningRate} from '../model/learning_rate';
import {type Cycles, cycleShare, cyclesOf} from '../schedule/cycles';
import {lengthOf, positionIn, type ScheduleUnit, type TrainingPosition} from '../schedule/position';
import type {Schedule} from '../schedule/schedule';
import {compiledModel} from './base/compiled_model';

/** Arguments of `LearningRateRewinding`. */
export interface LearningRateRewindingArgs {
  /**
   * The schedule that the weights are pruned by, or the steps at which cycles begin. One
   * begins at 0, and one at each step of `piecewiseConstant`; or where a gradual
   * schedule ends.
   */
  schedule: Schedule | readonly number[];
  /** The step at which the last cycle ends, where training should end too. */
  endStep: number;
  /** Whether steps are those of the optimizer, or `'epoch'`s. Default: `'step'`. */
  unit?: ScheduleUnit;
  /** The learning rate at the end of a cycle, as a share of that at its begin, in [0, 1]. Default: 0.01. */
  finalShare?: number;
}

/**
 * Lets the optimizer's learning rate fall by half a cosine, and puts it back to what it
 * was each time that weights are pruned: learning-rate rewinding (Renda et al. 2020,
 * https://arxiv.org/abs/2003.02389). When training ends, the optimizer has the learning
 * rate again that it began with.
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
    this.moveTo(this.position.afterStep(compiledModel(this).optimizer.iterations, null));
  }

  /** Called by `fit`. */
  override async onEpochEnd(epoch: number): Promise<void> {
    this.position.endEpoch(epoch);
  }

  /** Called by `fit`. */
  override async onTrainEnd(): Promise<void> {
    this.restore();
  }

  /** Warns, once, where the cycles end far from where training does. */
  private tellOfLength(begin: number): void {
    const fit = lengthOf(this.params);
    const length = fit && (this.unit === 'epoch' ? fit.epochs : fit.epochs * (fit.steps ?? NaN));
    if (fit === null || length === null || Number.isNaN(length) || this.isLengthTold) {
      return;
    }
    const {end} = this.cycles;
    const early = end - begin - length;
    const areEpochs = this.unit === 'step' && end <= fit.epochs && fit.steps !== 1;
    if (early > 0 || areEpochs) {
      this.isLengthTold = true;
      console.warn(
        early > 0
          ? `LearningRateRewinding: training will end ${early} ${this.unit}s before endStep (${end}), ` +
              'with a learning rate that is still high. Train longer, or lower endStep.'
          : `LearningRateRewinding: the last cycle ends after ${end} of ${length} steps. Does ` +
              "endStep count epochs? Then say unit: 'epoch'.",
      );
    }
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
