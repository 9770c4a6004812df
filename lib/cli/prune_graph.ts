import {type Tensor, tensor} from '@tensorflow/tfjs-core';
import {layers, type LayersModel, sequential} from '@tensorflow/tfjs-layers';

import {pruneNow, type PruneNowArgs} from '../masks_by_hand';
import {countZeros} from '../count_zeros';
import {stripPruning} from '../strip';
import {check} from '../validate';
import {kernelsOf} from './graph_kernels';
import type {StoredModel} from './model_file';
import {withValues} from './model_weights';
import type {Pruned} from './prune_layers';
import {valuesOf, weightsIn} from './weight_values';

/** Prunes the kernels of a GraphModel, or those of them that `names` lists. */
export async function pruneGraph(
  stored: StoredModel,
  args: PruneNowArgs,
  names?: readonly string[],
): Promise<Pruned> {
  const kernels = kernelsOf(stored.artifacts);
  check(
    kernels.length > 0,
    stored.path,
    'a graph with products or convolutions by weights',
    'none',
  );
  const unknown = names?.find((name) => !kernels.includes(name));
  check(unknown === undefined, 'layers', `names of weights among ${kernels.join(', ')}`, unknown);
  const chosen = new Set(names ?? kernels);
  const held: Tensor[] = [];
  const holders: Holder[] = [];
  for (const weight of weightsIn(stored)) {
    const {name, shape} = weight.spec;
    if (chosen.has(name)) {
      held.push(tensor(Float32Array.from(await valuesOf(weight)), shape));
      holders.push(new Holder(name, held[held.length - 1]));
    }
  }
  const model: LayersModel = sequential({
    layers: [layers.inputLayer({inputShape: [1]}), ...holders],
  });
  held.forEach((kernel) => kernel.dispose());
  try {
    await pruneNow(model, {...args, layers: holders.map(({name}) => name)});
    stripPruning(model);
    const weights = holders.map((holder) => holder.getWeights()[0]);
    const zeros = await countZeros(weights);
    const values = await Promise.all(weights.map((weight) => weight.data<'float32'>()));
    return {
      artifacts: withValues(stored, new Map(holders.map(({name}, i) => [name, values[i]]))),
      weights: holders.map(({name}, i) => ({name, size: weights[i].size, zeros: zeros[i]})),
    };
  } finally {
    model.dispose();
  }
}

/** A layer that holds a weight and does nothing, so that a graph's weights make a model. */
class Holder extends layers.Layer {
  static readonly className = 'Holder';

  constructor(name: string, kernel: Tensor) {
    super({name});
    const initializer = {apply: () => kernel.clone()};
    this.addWeight('kernel', kernel.shape, 'float32', initializer as never);
  }

  override call(inputs: Tensor | Tensor[]): Tensor | Tensor[] {
    return inputs;
  }
}
