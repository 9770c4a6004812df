import type {Granularity, PrunableLayer, PrunerArgs} from '../callbacks/granularity';
import {allocate} from './allocation';
import type {CostName} from './goal';
import type {SensitivityResult} from './sensitivity_result';

/** How the sparsity of the whole model is spread over its layers. */
export type Allocation = 'global' | 'sensitivity' | 'uniform';

/** A way to prune, for any sparsity. */
export interface Variant {
  /** How the sparsity is spread over the layers. */
  allocation: Allocation;
  /** The criterion of weights, or the importance of channels. */
  scoring: 'magnitude' | 'taylor' | 'l2';
  /** The share of the training in which the sparsity rises. */
  rise: number;
}

/** A way to prune to one sparsity, in a number of epochs; plain JSON. */
export interface Candidate extends Variant {
  /** The final sparsity of the whole model, in [0, 1). */
  sparsity: number;
  /** Number of epochs to train. */
  epochs: number;
}

/** The ways to prune single weights, the one that does best on most models first. */
const OF_WEIGHTS: readonly Variant[] = [
  {allocation: 'global', scoring: 'magnitude', rise: 0.6},
  {allocation: 'sensitivity', scoring: 'magnitude', rise: 0.6},
  {allocation: 'global', scoring: 'taylor', rise: 0.6},
  {allocation: 'global', scoring: 'magnitude', rise: 0.85},
];

/** The ways to prune channels and units. */
const OF_CHANNELS: readonly Variant[] = [
  {allocation: 'sensitivity', scoring: 'l2', rise: 0.6},
  {allocation: 'global', scoring: 'l2', rise: 0.6},
  {allocation: 'uniform', scoring: 'l2', rise: 0.6},
  {allocation: 'sensitivity', scoring: 'taylor', rise: 0.6},
];

/** The ways to prune single weights of which it is known how many each layer loses. */
const OF_LAYERS: readonly Variant[] = [
  {allocation: 'sensitivity', scoring: 'magnitude', rise: 0.6},
  {allocation: 'uniform', scoring: 'magnitude', rise: 0.6},
  {allocation: 'sensitivity', scoring: 'taylor', rise: 0.6},
  {allocation: 'sensitivity', scoring: 'magnitude', rise: 0.85},
];

/** The ways to prune at a granularity; for a cost, those whose cost is known before training. */
export function variantsOf(granularity: Granularity, cost?: CostName): readonly Variant[] {
  if (granularity === 'weight') {
    return cost === undefined || cost === 'size' ? OF_WEIGHTS : OF_LAYERS;
  }
  return OF_CHANNELS.filter(({allocation}) => cost === undefined || allocation !== 'global');
}

/** What a candidate means for a model. */
export interface Setting {
  granularity: Granularity;
  layers: readonly PrunableLayer[];
  /** Names of what a pruner would prune as well, and must not. */
  leftAlone: readonly string[];
  sensitivity: SensitivityResult;
  /** Whether the metric is better if smaller. */
  isLoss: boolean;
  stepsPerEpoch: number;
  seed: number;
}

/** Updates of the masks in an epoch. */
const UPDATES = 20;

/** The least share of a layer's weights that is kept where the smallest of all go. */
const MIN_KEEP = 0.005;

/** The arguments of the pruner that `candidate` is; plain JSON. */
export function prunerArgs(candidate: Candidate, setting: Setting): PrunerArgs {
  const {allocation, scoring, sparsity, epochs, rise} = candidate;
  const {granularity, layers, stepsPerEpoch, seed} = setting;
  const names = layers.map(({name}) => name);
  const isWeight = granularity === 'weight';
  return {
    initialSparsity: round(sparsity / 2),
    finalSparsity: sparsity,
    beginStep: 0,
    endStep: Math.max(1, Math.floor(rise * epochs * stepsPerEpoch)),
    frequency: Math.max(1, Math.floor(stepsPerEpoch / UPDATES)),
    layers: allocation === 'sensitivity' ? spread(sparsity, setting) : names,
    scope: allocation === 'global' ? 'global' : 'layer',
    ...(isWeight ? {criterion: scoring} : {importance: scoring as 'l2'}),
    ...(isWeight && allocation === 'global' ? {minKeep: MIN_KEEP} : {}),
    seed,
  };
}

/** A sparsity for each layer; the layers without one would get the pruner's own. */
function spread(
  sparsity: number,
  {layers, leftAlone, sensitivity, isLoss}: Setting,
): Record<string, number | false> {
  const shares = allocate(sensitivity, sparsity, isLoss);
  return {
    ...Object.fromEntries(layers.map(({name}, i) => [name, round(shares[i])])),
    ...Object.fromEntries(leftAlone.map((name) => [name, false as const])),
  };
}

/** Five digits, so that journals and reports can be read. */
export function round(sparsity: number): number {
  return Math.min(Number(sparsity.toFixed(5)), 0.99999);
}
