import type {DataType, Tensor} from '@tensorflow/tfjs-core';
import {
  broadcastTo,
  clone,
  div,
  keep,
  maximum,
  mul,
  sum,
  tidy,
  zerosLike,
} from '@tensorflow/tfjs-core';
import type {LayersModel, LayerVariable} from '@tensorflow/tfjs-layers';

import {PruningError} from './errors';
import {checkLayerFilter, type LayerFilter} from './layer_selection';
import type {LayerWeight} from './layer_walk';
import {finaliseMask, maskOf, readWeight} from './mask';
import {prunableWeights} from './prunable';
import {check, checkChoice, checkModel, checkOptions} from './validate';

/** Weights as they were at a moment, for `releaseMasks`. */
export interface WeightSnapshot {
  readonly weights: ReadonlyMap<LayerVariable, Tensor>;
  /** Frees the copies. */
  dispose(): void;
}

/** Arguments of `releaseMasks`. */
export interface ReleaseMasksArgs {
  /** Which layers: a predicate or names. Default: all that have a mask. */
  layers?: LayerFilter;
  /**
   * What pruned weights start from: `'zero'`; `'random'`, the layer's
   * initializer; `'inherited'`, the mean of their neighbours that were kept, in
   * the kernel's window of a convolution and in the row of any other weight; or
   * `'rewound'`, the `snapshot`. Default: `'zero'`.
   */
  reset?: 'zero' | 'random' | 'inherited' | 'rewound';
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
  checkChoice('reset', reset, ['zero', 'random', 'inherited', 'rewound']);
  if (layers !== undefined) {
    checkLayerFilter(layers);
  }
  const masked = prunableWeights(model, layers).filter(({variable}) => maskOf(variable));
  // All fillings first: a failure half-way changes nothing.
  const fillings = tidy(() => masked.map((weight) => filling(weight, reset, snapshot)));
  masked.forEach(({variable}, i) => {
    finaliseMask(variable, fillings[i]);
    fillings[i].dispose();
  });
}

/**
 * Copies the prunable weights of `model`, to rewind to with `releaseMasks`. The
 * data is shared until the weights change.
 *
 * @throws PruningError for what is not a LayersModel, or has nothing to prune.
 * @example
 * const start = snapshotWeights(model);
 * await model.fit(x, y, {callbacks: [pruner]});
 * releaseMasks(model, {reset: 'rewound', snapshot: start});
 * start.dispose();
 */
export function snapshotWeights(model: LayersModel): WeightSnapshot {
  checkModel(model);
  const weights = new Map(
    prunableWeights(model).map(({variable}) => [variable, keep(clone(readWeight(variable)))]),
  );
  return {weights, dispose: () => weights.forEach((weight) => weight.dispose())};
}

function filling(
  weight: LayerWeight,
  reset: Required<ReleaseMasksArgs>['reset'],
  snapshot: WeightSnapshot | undefined,
): Tensor {
  const {name, variable} = weight;
  switch (reset) {
    case 'zero':
      return zerosLike(readWeight(variable));
    case 'random':
      return initial(weight);
    case 'inherited':
      return neighbours(variable);
    case 'rewound': {
      const former = snapshot?.weights.get(variable);
      check(former !== undefined, 'snapshot', `a snapshot with '${name}'`, snapshot ?? null);
      return clone(former);
    }
  }
}

/** What the initializers of tfjs-layers, which it does not export, have in common. */
interface Initializer {
  apply(shape: number[], dtype?: DataType): Tensor;
}

/** A weight's own name → its initializer in the layer or cell. */
const INITIALIZERS: Readonly<Record<string, string>> = {
  kernel: 'kernelInitializer',
  recurrent_kernel: 'recurrentInitializer',
  pointwise_kernel: 'pointwiseInitializer',
  embeddings: 'embeddingsInitializer',
};

function initial({name, maker, variable}: LayerWeight): Tensor {
  const property = INITIALIZERS[name.slice(name.lastIndexOf('/') + 1)];
  const initializer = Reflect.get(maker, property ?? '') as Initializer | undefined;
  if (typeof initializer?.apply !== 'function') {
    throw new PruningError('reset', `'zero', 'inherited' or 'rewound' for '${name}'`, 'random');
  }
  return initializer.apply(variable.shape as number[], variable.dtype);
}

/** For each element the mean of the kept ones around it; 0 where there are none. */
function neighbours(variable: LayerVariable): Tensor {
  const {rank} = readWeight(variable);
  // The window of a convolution is all axes but the channels; a row lies along the last one.
  const axes = rank > 2 ? Array.from({length: rank - 2}, (_, axis) => axis) : [rank - 1];
  const mask = maskOf(variable)!;
  const total = sum(mul(readWeight(variable), mask), axes, true);
  const mean = div(total, maximum(sum(mask, axes, true), 1));
  return broadcastTo(mean, variable.shape as number[]);
}
