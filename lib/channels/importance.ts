import {check, checkChoice} from '../base/check';
import {type Samples, checkSamples} from '../data/samples';
import type {ChannelGroup} from './groups/channel_groups';
import {maxActivation, meanActivation} from './importances/activation';
import {random} from './importances/chance';
import {custom, type ImportanceFunction} from './importances/custom';
import {fpgm} from './importances/fpgm';
import {gradientChange} from './importances/gradient_change';
import {lossChange} from './importances/loss_change';
import type {Measure} from './importances/measure';
import {gamma, groupL2, l1, l2} from './importances/norm';
import {taylor} from './importances/taylor';

/**
 * How much a channel matters, the least important lowest:
 *
 * | name | score of a channel | looks at |
 * | --- | --- | --- |
 * | `'l2'`, `'l1'` | the norm of its slice of each kernel (Li 2017) | weights |
 * | `'groupL2'` | the norm of its slices of all that goes with it: what makes, normalizes and reads it (Fang 2023) | weights |
 * | `'gamma'` | \\|γ\\| of the normalization after it (Liu 2017) | weights |
 * | `'fpgm'` | its distances to the other channels' slices, in all (He 2019) | weights |
 * | `'random'` | chance, from `seed` | nothing |
 * | `'taylor'` | (Σ g·w)², averaged over batches (Molchanov 2019) | the gradients of training, or of `calibration` |
 * | `'meanActivation'` | the mean of \\|a\\|, as the next layer reads it (Molchanov 2017) | inputs |
 * | `'maxActivation'` | the largest \\|a\\| | inputs |
 * | `'lossChange'` | the change of the loss without it, \\|ΔL\\| | inputs and targets |
 * | `'gradientChange'` | ‖∇L without it − ∇L with it‖₂, of the weights that are left | inputs and targets |
 */
export type ImportanceName =
  | 'l2'
  | 'l1'
  | 'groupL2'
  | 'gamma'
  | 'fpgm'
  | 'random'
  | 'taylor'
  | 'meanActivation'
  | 'maxActivation'
  | 'lossChange'
  | 'gradientChange';

/** An importance by name, or a function of a kernel. */
export type Importance = ImportanceName | ImportanceFunction;

/** What data a measure needs: inputs only, or targets too. */
export type NeededData = 'none' | 'inputs' | 'targets';

const MEASURES: Readonly<Record<ImportanceName, {measure: Measure; data: NeededData}>> = {
  l2: {measure: l2, data: 'none'},
  l1: {measure: l1, data: 'none'},
  groupL2: {measure: groupL2, data: 'none'},
  gamma: {measure: gamma, data: 'none'},
  fpgm: {measure: fpgm, data: 'none'},
  random: {measure: random, data: 'none'},
  taylor: {measure: taylor, data: 'targets'},
  meanActivation: {measure: meanActivation, data: 'inputs'},
  maxActivation: {measure: maxActivation, data: 'inputs'},
  lossChange: {measure: lossChange, data: 'targets'},
  gradientChange: {measure: gradientChange, data: 'targets'},
};

/** Throws unless `importance` is a name or a function. */
export function checkImportance(importance: unknown): asserts importance is Importance {
  if (typeof importance !== 'function') {
    checkChoice('importance', importance, Object.keys(MEASURES) as ImportanceName[]);
  }
}

/**
 * Throws for data that `importance` needs and are missing, or that it does not look at.
 *
 * @param isNeeded False where it can do without the data that it looks at.
 */
export function checkImportanceData(
  importance: Importance,
  calibration: unknown,
  isNeeded = true,
): asserts calibration is Samples | undefined {
  const {data} = measureOf(importance);
  const name = typeof importance === 'string' ? `'${importance}'` : 'of a function';
  if (calibration === undefined) {
    const expected = `data {x, y} or a dataset, which importance ${name} looks at`;
    check(data === 'none' || !isNeeded, 'calibration', expected, calibration);
  } else {
    const expected = `none for importance ${name}, which looks at no data`;
    check(data !== 'none', 'calibration', expected, calibration);
    checkSamples('calibration', calibration, data === 'targets' ? 'targets' : 'inputs');
  }
}

/** The measure of an importance, and the data it needs. */
export function measureOf(importance: Importance): {measure: Measure; data: NeededData} {
  return typeof importance === 'function'
    ? {measure: custom(importance), data: 'none'}
    : MEASURES[importance];
}

/** Throws where `importance` has nothing to go by in `group`. */
export function checkMeasurable(group: ChannelGroup, importance: Importance): void {
  const {members, readers, size, name} = group;
  const covers = (places: ReadonlyArray<{channels: readonly number[]}>) => {
    const covered = new Set(places.flatMap(({channels}) => channels));
    return Array.from({length: size}).every((_, channel) => covered.has(channel));
  };
  if (importance === 'gamma') {
    const scales = members.filter(({role}) => role === 'scale');
    const expected = `another one for '${name}', whose channels have no gamma`;
    check(covers(scales), 'importance', expected, importance);
  }
  if (importance === 'meanActivation' || importance === 'maxActivation') {
    const expected = `another one for '${name}', whose channels no layer is seen to read`;
    check(covers(readers), 'importance', expected, importance);
  }
}
