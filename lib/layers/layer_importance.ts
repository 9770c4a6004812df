import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {uniform} from '../base/random';
import {type ChannelGroup, channelGroups} from '../channels/groups/channel_groups';
import {type Importance, type ImportanceName, measureOf} from '../channels/importance';
import {disposeBatches, readBatches} from '../data/batches';
import type {Samples} from '../data/samples';
import {maxActivation, meanActivation} from './importances/activation';
import {gradientChange} from './importances/gradient_change';
import {ofKernels, partsIn} from './importances/kernels';
import {lossChange} from './importances/loss_change';
import type {LayerMeasure} from './importances/measure';
import {taylor} from './importances/taylor';
import type {LayerUnit} from './layer_units';

/** How to score layers. */
export interface LayerScoring {
  importance: Importance;
  /** For an importance that looks at data. */
  calibration?: Samples;
  /** For `'random'`. */
  seed: number;
}

/** Measures of whole layers; the other importances are means over channels. */
const MEASURES: Readonly<Partial<Record<ImportanceName, LayerMeasure>>> = {
  lossChange,
  gradientChange,
  taylor,
  meanActivation,
  maxActivation,
  random: (units, {seed}) => uniform([units.length], seed),
};

/** Those that look at the one place at which a unit's output goes on. */
const AT_OUTPUT: ReadonlySet<Importance> = new Set(['taylor', 'meanActivation', 'maxActivation']);

/** The importance of each unit of `model`. One small read. */
export async function layerScores(
  model: LayersModel,
  units: readonly LayerUnit[],
  {importance, calibration, seed}: LayerScoring,
): Promise<number[]> {
  const measure = measureOfLayers(importance) ?? ofKernels(importance);
  const batches = calibration
    ? await readBatches(model, calibration, measureOf(importance).data === 'targets')
    : [];
  try {
    const scores = await measure(units, {model, seed, batches});
    try {
      return [...(await scores.data())];
    } finally {
      scores.dispose();
    }
  } finally {
    disposeBatches(batches);
  }
}

/** Throws where an importance has nothing to go by in one of `units`. */
export function checkLayerImportance(
  model: LayersModel,
  units: readonly LayerUnit[],
  importance: Importance,
): void {
  const groups = channelGroups(model);
  for (const unit of units) {
    const obstacle = obstacleIn(unit, groups, importance);
    const expected = `another one for '${unit.name}', which ${obstacle}`;
    check(obstacle === undefined, 'importance', expected, importance);
  }
}

function measureOfLayers(importance: Importance): LayerMeasure | undefined {
  return typeof importance === 'string' ? MEASURES[importance] : undefined;
}

function obstacleIn(
  unit: LayerUnit,
  groups: readonly ChannelGroup[],
  importance: Importance,
): string | undefined {
  if (AT_OUTPUT.has(importance)) {
    const uses = unit.branch?.sum.outboundLayer.inboundNodes.length ?? 1;
    return uses > 1 ? `is used ${uses} times` : undefined;
  }
  if (measureOfLayers(importance) || partsIn(groups, unit, importance).length > 0) {
    return undefined;
  }
  return importance === 'gamma' ? 'has no gamma' : 'has no channels that are known';
}
