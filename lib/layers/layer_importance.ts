import type {LayersModel} from '@tensorflow/tfjs-layers';

import {check} from '../base/check';
import {uniform} from '../base/random';
import {type ChannelGroup, channelGroups} from '../channels/groups/channel_groups';
import {type Importance, measureOf, type Score, type Signal} from '../channels/importance';
import type {Removable} from '../channels/importances/removal';
import {disposeBatches, readBatches} from '../data/batches';
import type {Samples} from '../data/samples';
import {weightsOf} from '../model/layer_tree';
import {bypass} from './bypass';
import {maxActivation, meanActivation} from './importances/activation';
import {ofKernels, partsIn} from './importances/kernels';
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

/** What is seen at the one place at which a unit's output goes on. */
const SIGNALS: Readonly<Record<Signal, LayerMeasure>> = {
  taylor,
  mean: meanActivation,
  max: maxActivation,
};

/** The importance of each unit of `model`. One small read. */
export async function layerScores(
  model: LayersModel,
  units: readonly LayerUnit[],
  {importance, calibration, seed}: LayerScoring,
): Promise<number[]> {
  const {data, score} = measureOf(importance);
  const measure = measureOfLayers(score);
  const batches = calibration ? await readBatches(model, calibration, data === 'targets') : [];
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

function measureOfLayers(score: Score): LayerMeasure {
  switch (score.by) {
    case 'slices':
      return ofKernels(score);
    case 'chance':
      return (units, {seed}) => uniform([units.length], seed);
    case 'removal':
      return (units, context) => score.measure(units.map(removable), context);
    case 'signal':
      return SIGNALS[score.signal];
  }
}

/** Layers that go together, and whose weights go as a whole. */
function removable(unit: LayerUnit): Removable {
  const weights = new Set(unit.layers.flatMap(weightsOf));
  return {
    without: (run) => {
      const undo = bypass(unit);
      try {
        return run();
      } finally {
        undo();
      }
    },
    rest: (variable) => (weights.has(variable) ? undefined : (gradient) => gradient),
  };
}

function obstacleIn(
  unit: LayerUnit,
  groups: readonly ChannelGroup[],
  importance: Importance,
): string | undefined {
  const {score} = measureOf(importance);
  if (score.by === 'signal') {
    const uses = unit.branch?.sum.outboundLayer.inboundNodes.length ?? 1;
    return uses > 1 ? `is used ${uses} times` : undefined;
  }
  if (score.by !== 'slices' || partsIn(groups, unit, score).length > 0) {
    return undefined;
  }
  return score.role === 'scale' ? 'has no gamma' : 'has no channels that are known';
}
