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
  const holders = kernels.map((kernel) =>
    kernel.isTransposed ? new TransposedHolder(kernel) : new Holder(kernel),
  );
  return sequential({layers: [layers.inputLayer({inputShape: [1]}), ...holders]});
}

class Holder extends layers.Layer {
  // The kernel is pruned as that of a dense layer: [...window, inputs, outputs].
  static readonly className: string = 'Dense';
  readonly kernel: LayerVariable;

  constructor({name, value}: HeldKernel) {
    super({name});
    const initializer = {apply: () => value.clone()};
    this.kernel = this.addWeight('kernel', value.shape, 'float32', initializer as never);
  }

  override call(inputs: Tensor | Tensor[]): Tensor | Tensor[] {
    return inputs;
  }
}

class TransposedHolder extends Holder {
  static override readonly className = 'Conv2DTranspose';
}
