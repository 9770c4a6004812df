import {
  addN,
  dispose,
  div,
  keep,
  randomUniform,
  stack,
  sub,
  sum,
  type Tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {type Calibration, disposeBatches, readBatches} from '../calibration';
import {calibrationLoss} from '../calibration_loss';
import {partsOf} from '../layer_walk';
import {check} from '../validate';
import {bypass} from './bypass';
import {type ChannelGroup, channelGroups, type ChannelMember} from './channel_groups';
import {type Importance, measureOf} from './importance';
import type {ImportanceFunction} from './importances/custom';
import type {LayerUnit} from './layer_units';

/**
 * How much a whole layer matters, the least important lowest:
 * - `'lossChange'`: the loss on `calibration` without it less the loss with it;
 * - `'l2'`, `'l1'`: the mean norm of its channels' slices of the kernels;
 * - `'gamma'`: the mean |γ| of its normalizations;
 * - `'random'`: chance, from `seed`;
 * - a function: the mean of what it says of the channels.
 */
export type LayerImportance = 'lossChange' | 'l2' | 'l1' | 'gamma' | 'random' | ImportanceFunction;

/** The importances that have a name. */
export const LAYER_IMPORTANCES = ['lossChange', 'l2', 'l1', 'gamma', 'random'] as const;

/** How to score layers. */
export interface LayerScoring {
  importance: LayerImportance;
  /** For `'lossChange'`. */
  calibration?: Calibration;
  /** For `'random'`. */
  seed: number;
}

/** The importance of each unit of `model`. One small read. */
export async function layerScores(
  model: LayersModel,
  units: readonly LayerUnit[],
  scoring: LayerScoring,
): Promise<number[]> {
  const {importance, calibration, seed} = scoring;
  const scores =
    importance === 'lossChange'
      ? await lossChanges(model, units, calibration!)
      : importance === 'random'
        ? randomUniform([units.length], 0, 1, 'float32', seed)
        : await weightScores(model, units, scoring);
  try {
    return [...(await scores.data())];
  } finally {
    scores.dispose();
  }
}

/** Throws where an importance has nothing to go by in one of `units`. */
export function checkLayerImportance(
  model: LayersModel,
  units: readonly LayerUnit[],
  importance: LayerImportance,
): void {
  if (importance === 'lossChange' || importance === 'random') {
    return;
  }
  const groups = channelGroups(model);
  for (const unit of units) {
    check(
      partsIn(groups, unit, importance).length > 0,
      'importance',
      `'lossChange' or 'random' for '${unit.name}', which has ` +
        (importance === 'gamma' ? 'no gamma' : 'no channels that are known'),
      importance,
    );
  }
}

/** One evaluation of the data for each unit. */
async function lossChanges(
  model: LayersModel,
  units: readonly LayerUnit[],
  calibration: Calibration,
): Promise<Tensor> {
  const batches = await readBatches(model, calibration, true);
  try {
    return tidy(() => {
      const loss = calibrationLoss(model, batches);
      const without = units.map((unit) => {
        const undo = bypass(unit);
        try {
          return calibrationLoss(model, batches);
        } finally {
          undo();
        }
      });
      return keep(sub(stack(without), loss));
    });
  } finally {
    disposeBatches(batches);
  }
}

async function weightScores(
  model: LayersModel,
  units: readonly LayerUnit[],
  {importance, seed}: LayerScoring,
): Promise<Tensor> {
  const groups = channelGroups(model);
  const parts = units.map((unit) => partsIn(groups, unit, importance));
  const scored = parts.flat().map((group) => ({group, pruned: new Set<number>()}));
  const {measure} = measureOf(importance as Importance);
  const scores = await measure(scored, {model, reduce: 'sum', seed, batches: []});
  let at = 0;
  try {
    return tidy(() =>
      stack(
        parts.map((own) => {
          const total = addN(own.map(() => sum(scores[at++])));
          return div(total, own.flatMap(({members}) => members).reduce(countChannels, 0));
        }),
      ),
    );
  } finally {
    dispose(scores);
  }
}

/** Adds the number of channels that a weight makes or scales. */
function countChannels(count: number, {channels}: ChannelMember): number {
  return count + new Set(channels.filter((channel) => channel >= 0)).size;
}

/** The groups of channels, with what the layers of `unit` alone make or scale of them. */
function partsIn(
  groups: readonly ChannelGroup[],
  {layers}: LayerUnit,
  importance: LayerImportance,
): ChannelGroup[] {
  const own = new Set(layers.flatMap((layer) => [layer, ...partsOf(layer)]));
  const wanted = importance === 'gamma' ? 'scale' : 'producer';
  return groups
    .map((group) => ({
      ...group,
      members: group.members.filter(({layer, role}) => own.has(layer) && role === wanted),
    }))
    .filter(({members}) => members.length > 0);
}
