import {type Tensor, tensor} from '@tensorflow/tfjs-core';
import {layers, type LayersModel, sequential} from '@tensorflow/tfjs-layers';
import type {StoredWeight} from '../files/quantize/stored_weight';

import {check} from '../base/check';
import {countZeros} from '../base/count_zeros';
import {pruneNow, type PruneNowArgs} from '../by_hand/masks_by_hand';
import {stripPruning} from '../by_hand/strip';
import {valuesOf} from '../files/quantize/dequantize';
import {kernelsOf} from './graph_kernels';
import type {StoredModel} from './model_file';
import {withValues} from './model_weights';
import {isEachAlone, type Pruned} from './prune_layers';

/**
 * Prunes the kernels of a GraphModel, or those of them that `names` lists: each alone as it
 * is written, where it can be.
 */
export async function pruneGraph(
  stored: StoredModel,
  args: PruneNowArgs,
  names?: readonly string[],
): Promise<Pruned> {
  const kernels = kernelsOf(stored.path, stored.artifacts);
  check(
    kernels.length > 0,
    stored.path,
    'a graph with products or convolutions by weights',
    'none',
  );
  const unknown = names?.find((name) => !kernels.includes(name));
  check(unknown === undefined, 'layers', `names of weights among ${kernels.join(', ')}`, unknown);
  const chosen = new Set(names ?? kernels);
  const weights: Pruned['weights'] = [];
  const prune = async (all: readonly StoredWeight[]) => {
    const pruned = await pruneWeights(all, args);
    pruned.forEach(({name, values, zeros}) => weights.push({name, size: values.length, zeros}));
    return new Map(pruned.map(({name, values}) => [name, values]));
  };
  const together = isEachAlone(args) ? undefined : await prune(await those(stored, chosen));
  const model = withValues(stored, async (weight) => {
    const {name} = weight.spec;
    return chosen.has(name) ? (together ?? (await prune([weight]))).get(name) : undefined;
  });
  return {model, weights, dispose: () => {}};
}

async function those(stored: StoredModel, names: ReadonlySet<string>): Promise<StoredWeight[]> {
  const found: StoredWeight[] = [];
  for await (const weight of stored.weights()) {
    if (names.has(weight.spec.name)) {
      found.push(weight);
    }
  }
  return found;
}

/** The values that pruning leaves of weights, and how many of them are zero. */
async function pruneWeights(all: readonly StoredWeight[], args: PruneNowArgs) {
  const holders: Holder[] = [];
  for (const weight of all) {
    const {name, shape} = weight.spec;
    const kernel = tensor(Float32Array.from(await valuesOf(weight)), shape);
    holders.push(new Holder(name, kernel));
    kernel.dispose();
  }
  const model: LayersModel = sequential({
    layers: [layers.inputLayer({inputShape: [1]}), ...holders],
  });
  try {
    await pruneNow(model, {...args, layers: holders.map(({name}) => name)});
    stripPruning(model);
    const tensors = holders.map((holder) => holder.getWeights()[0]);
    const zeros = await countZeros(tensors);
    const values = await Promise.all(tensors.map((weight) => weight.data<'float32'>()));
    return holders.map(({name}, i) => ({name, values: values[i], zeros: zeros[i]}));
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
