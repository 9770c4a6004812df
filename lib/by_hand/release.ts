import {clone, keep, tidy} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {checkOptions} from '../base/check';
import {checkModel} from '../model/check_model';
import {checkLayerFilter, chooseWeights, type LayerFilter} from '../model/layer_selection';
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
   * What pruned weights start from: `'zero'`, `'random'` (the layer's initializer),
   * `'inherited'` (the mean of their kept neighbors) or `'rewound'` (the `snapshot`).
   * Default: `'zero'`.
   */
  reset?: Regrowth;
  /** From `snapshotWeights`, for `'rewound'`. */
  snapshot?: WeightSnapshot;
}

/**
 * Frees pruned weights, to be trained again: dense-sparse-dense training (Han et
 * al. 2017, https://arxiv.org/abs/1607.04381), or a new start from earlier
 * values (Frankle & Carbin 2019, https://arxiv.org/abs/1803.03635). On the device.
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
  // All fillings first: a failure half-way changes nothing.
  const fillings = tidy(() => masked.map((weight) => regrown(weight, regrowth)));
  masked.forEach(({variable}, i) => {
    finaliseMask(variable, fillings[i]);
    fillings[i].dispose();
  });
}

/**
 * Copies the weights of `model`, to rewind to with `releaseMasks`. The
 * data is shared until the weights change.
 *
 * @throws PruningError for what is not a LayersModel.
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
