import type {Tensor} from '@tensorflow/tfjs-core';
import {layers, type LayersModel, type LayerVariable, sequential} from '@tensorflow/tfjs-layers';

/** A kernel that no layer has, such as a constant of a graph. */
export interface HeldKernel {
  readonly name: string;
  readonly value: Tensor;
  /** Whether it is [...window, outputs, inputs]. */
  readonly isTransposed?: boolean;
}

/**
 * A model whose layers hold kernels and do nothing, so that whatever prunes
 * layers prunes them too. The kernels share their data with `value` until they
 * change; the caller disposes the model.
 */
export function holdKernels(kernels: readonly HeldKernel[]): LayersModel {
  return sequential({layers: [layers.inputLayer({inputShape: [1]}), ...kernels.map(holderOf)]});
}

function holderOf({name, value, isTransposed = false}: HeldKernel): layers.Layer {
  // In a function, since bundlers keep a class that extends one of another module.
  class Holder extends layers.Layer {
    // The kernel is pruned as that of a layer of this class.
    static readonly className = isTransposed ? 'Conv2DTranspose' : 'Dense';
    readonly kernel: LayerVariable;

    constructor() {
      super({name});
      const initializer = {apply: () => value.clone()};
      this.kernel = this.addWeight('kernel', value.shape, 'float32', initializer as never);
    }

    override call(inputs: Tensor | Tensor[]): Tensor | Tensor[] {
      return inputs;
    }
  }
  return new Holder();
}
