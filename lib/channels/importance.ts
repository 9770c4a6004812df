import {check, checkChoice} from '../base/check';
import {type Samples, checkSamples} from '../data/samples';
import type {ChannelGroup} from './groups/channel_groups';
import {custom, type ImportanceFunction} from './importances/custom';
import {fpgm} from './importances/fpgm';
import {gradientChange} from './importances/gradient_change';
import {lossChange} from './importances/loss_change';
import type {Measure} from './importances/measure';
import {gamma, groupL2, l1, l2} from './importances/norm';
import type {RemovalMeasure} from './importances/removal';

/**
 * The score of a channel; the lowest are pruned first:
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

/** A number that is seen to flow through a model. */
export type Signal = 'taylor' | 'mean' | 'max';

/** How an importance scores, of channels as of whole layers. */
export type Score =
  /** By slices of weights of a role; `isPairwise` where each is compared with all others. */
  | {by: 'slices'; measure: Measure; role: 'producer' | 'scale'; isPairwise?: boolean}
  /** By what changes without it. */
  | {by: 'removal'; measure: RemovalMeasure}
  /** By what is seen while the model runs or trains. */
  | {by: 'signal'; signal: Signal}
  | {by: 'chance'};

/** What an importance needs, and how it scores. */
export interface ImportanceEntry {
  readonly data: NeededData;
  readonly score: Score;
}

/** All importances. */
const IMPORTANCES: Readonly<Record<ImportanceName, ImportanceEntry>> = {
  l2: {data: 'none', score: {by: 'slices', measure: l2, role: 'producer'}},
  l1: {data: 'none', score: {by: 'slices', measure: l1, role: 'producer'}},
  groupL2: {data: 'none', score: {by: 'slices', measure: groupL2, role: 'producer'}},
  gamma: {data: 'none', score: {by: 'slices', measure: gamma, role: 'scale'}},
  fpgm: {data: 'none', score: {by: 'slices', measure: fpgm, role: 'producer', isPairwise: true}},
  random: {data: 'none', score: {by: 'chance'}},
  taylor: {data: 'targets', score: {by: 'signal', signal: 'taylor'}},
  meanActivation: {data: 'inputs', score: {by: 'signal', signal: 'mean'}},
  maxActivation: {data: 'inputs', score: {by: 'signal', signal: 'max'}},
  lossChange: {data: 'targets', score: {by: 'removal', measure: lossChange}},
  gradientChange: {data: 'targets', score: {by: 'removal', measure: gradientChange}},
};

/** Throws unless `importance` is a name or a function. */
export function checkImportance(importance: unknown): asserts importance is Importance {
  if (typeof importance !== 'function') {
    checkChoice('importance', importance, Object.keys(IMPORTANCES) as ImportanceName[]);
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

/** What an importance needs, and how it scores. */
export function measureOf(importance: Importance): ImportanceEntry {
  return typeof importance === 'function'
    ? {data: 'none', score: {by: 'slices', measure: custom(importance), role: 'producer'}}
    : IMPORTANCES[importance];
}

/** Throws where `importance` has nothing to go by in `group`. */
export function checkMeasurable(group: ChannelGroup, importance: Importance): void {
  const {members, readers, size, name} = group;
  const covers = (places: ReadonlyArray<{channels: readonly number[]}>) => {
    const covered = new Set(places.flatMap(({channels}) => channels));
    return Array.from({length: size}).every((_, channel) => covered.has(channel));
  };
  const {score} = measureOf(importance);
  if (score.by === 'slices' && score.role === 'scale') {
    const scales = members.filter(({role}) => role === 'scale');
    const expected = `another one for '${name}', whose channels have no gamma`;
    check(covers(scales), 'importance', expected, importance);
  }
  if (score.by === 'signal' && score.signal !== 'taylor') {
    const expected = `another one for '${name}', whose channels no layer is seen to read`;
    check(covers(readers), 'importance', expected, importance);
  }
}
