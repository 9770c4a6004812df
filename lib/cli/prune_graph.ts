import {tensor} from '@tensorflow/tfjs-core';

import {check} from '../base/check';
import {countZeros} from '../base/count_zeros';
import {pruneNow, type PruneNowArgs} from '../by_hand/masks_by_hand';
import {stripPruning} from '../by_hand/strip';
import {valuesOf} from '../files/quantize/dequantize';
import type {StoredWeight} from '../files/quantize/stored_weight';
import {kernelsOf} from '../model/graph_kernels';
import {type HeldKernel, holdKernels} from '../model/weight_holder';
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
  const kernels: HeldKernel[] = [];
  for (const weight of all) {
    const {name, shape} = weight.spec;
    kernels.push({name, value: tensor(Float32Array.from(await valuesOf(weight)), shape)});
  }
  const model = holdKernels(kernels);
  kernels.forEach(({value}) => value.dispose());
  try {
    await pruneNow(model, {...args, layers: kernels.map(({name}) => name)});
    stripPruning(model);
    const tensors = kernels.map(({name}) => model.getLayer(name).getWeights()[0]);
    const zeros = await countZeros(tensors);
    const values = await Promise.all(tensors.map((weight) => weight.data<'float32'>()));
    return kernels.map(({name}, i) => ({name, values: values[i], zeros: zeros[i]}));
  } finally {
    model.dispose();
  }
}
