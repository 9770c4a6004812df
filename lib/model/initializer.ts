import type {DataType, Tensor} from '@tensorflow/tfjs-core';

import type {LayerWeight} from './layer_walk';

/** What the initializers of tfjs-layers, which it does not export, have in common. */
export interface Initializer {
  apply(shape: number[], dtype?: DataType): Tensor;
  getConfig(): object;
}

/** A weight's own name → its initializer in the layer or cell. */
const INITIALIZERS: Readonly<Record<string, string>> = {
  kernel: 'kernelInitializer',
  recurrent_kernel: 'recurrentInitializer',
  depthwise_kernel: 'depthwiseInitializer',
  pointwise_kernel: 'pointwiseInitializer',
  bias: 'biasInitializer',
  gamma: 'gammaInitializer',
  beta: 'betaInitializer',
  moving_mean: 'movingMeanInitializer',
  moving_variance: 'movingVarianceInitializer',
  embeddings: 'embeddingsInitializer',
};

/** The initializer that made a weight; `null` where its layer keeps none. */
export function initializerOfWeight({name, maker}: LayerWeight): Initializer | null {
  const property = INITIALIZERS[name.slice(name.lastIndexOf('/') + 1)];
  const own = Reflect.get(maker, property ?? '') as Initializer | undefined;
  return typeof own?.apply === 'function' ? own : null;
}

/** The same initializer with another seed, where it has one. */
export function reseeded(initializer: Initializer, seed: number): Initializer {
  const config = initializer.getConfig();
  const Class = initializer.constructor as new (config: object) => Initializer;
  return 'seed' in config ? new Class({...config, seed}) : initializer;
}
