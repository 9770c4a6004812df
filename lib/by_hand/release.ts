import {clone, keep, tidy} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {checkOptions} from '../base/check';
import {checkModel} from '../model/check_model';
import {chooseWeights} from '../model/choose_weights';
import {checkLayerFilter, type LayerFilter} from '../model/layer_selection';
import {findWeights, type FoundWeight} from '../model/layer_walk';
import {readWeight} from '../model/read_weight';
import {finaliseMask} from '../projection/finalise_mask';
import {maskOf} from '../projection/mask';
import {
  checkRegrowthArgs,
  regrown,
  type Regrowth,
  type WeightSnapshot,
} from '../projection/regrowth';

/** Arguments of `releaseMasks`. */
export interface ReleaseMasksArgs {
  /** Which layers: a predicate or names. Default: all that have a mask. */
  layers?: LayerFilter;
  /**
   * The start value of pruned weights: `'zero'`, `'random'` (from the layer's
   * initializer), `'inherited'` (the mean of their kept neighbors) or `'rewound'` (from
   * the `snapshot`). Default: `'zero'`.
   */
  reset?: Regrowth;
  /** The snapshot for `'rewound'`, from `snapshotWeights`. */
  snapshot?: WeightSnapshot;
}

/**
 * Removes masks, so that pruned weights can train again: for dense-sparse-dense training
 * (Han et al. 2017, https://arxiv.org/abs/1607.04381), or to start again from earlier
 * values (Frankle & Carbin 2019, https://arxiv.org/abs/1803.03635).
 *
 * @throws PruningError for an unknown option or layer, `'rewound'` without a
 *   snapshot of the weight, and `'random'` for a weight without an initializer.
 * @example
 * releaseMasks(model, {reset: 'inherited'});
 * await model.fit(x, y, {epochs: 2}); // dense again
 */
export function releaseMasks(model: LayersModel, args: ReleaseMasksArgs = {}): void {
  checkModel(model);
  checkOptions('releaseMasks', args, ['layers', 'reset', 'snapshot']);
  const {layers, reset = 'zero', snapshot} = args;
  const regrowth = {regrowth: reset, argument: 'reset', snapshot};
  checkRegrowthArgs(regrowth);
  if (layers !== undefined) {
    checkLayerFilter(layers);
  }
  const all = everyWeight(model).map((weight) => ({...weight, byDefault: true}));
  const masked = chooseWeights(all, layers, KIND).filter(({variable}) => maskOf(variable));
  if (masked.length === 0) {
    console.warn('releaseMasks: there is no mask to release, as after stripPruning.');
  }
  // All fillings first: a failure half-way changes nothing.
  const fillings = tidy(() => masked.map((weight) => regrown(weight, regrowth)));
  masked.forEach(({variable}, i) => {
    finaliseMask(variable, fillings[i]);
    fillings[i].dispose();
  });
}

/**
 * Copies the weights of `model`, so that `releaseMasks` can restore them later. The copy
 * takes no memory until the weights change.
 *
 * @throws PruningError for a value that is not a LayersModel.
 * @example
 * const start = snapshotWeights(model);
 * await model.fit(x, y, {callbacks: [pruner]});
 * releaseMasks(model, {reset: 'rewound', snapshot: start});
 * start.dispose();
 */
export function snapshotWeights(model: LayersModel): WeightSnapshot {
  checkModel(model);
  const weights = new Map(
    everyWeight(model).map(({variable}) => [variable, keep(clone(readWeight(variable)))]),
  );
  return {weights, dispose: () => weights.forEach((weight) => weight.dispose())};
}

const KIND = {one: 'layer with weights', all: 'layers with weights'};

/** Not only kernels: pruned channels have masks of biases and normalizations too. */
function everyWeight(model: LayersModel): FoundWeight[] {
  return findWeights(model, ({weights}) => weights);
}
