import {dispose, tensor} from '@tensorflow/tfjs-core';

import {check} from '../base/check';
import {countZeros} from '../base/count_zeros';
import {pruneGraph as pruneTensors, type PruneGraphArgs} from '../by_hand/prune_graph';
import {kernelsNamed, prunedKernels, type PrunedKernelArgs} from '../by_hand/pruned_kernels';
import {valuesOf} from '../files/quantize/dequantize';
import type {StoredWeight} from '../files/quantize/stored_weight';
import {type GraphKernel, kernelsOf} from '../model/graph_kernels';
import type {HeldKernel} from '../model/weight_holder';
import {withCalibration} from './calibration';
import type {CalibrationOptions} from './data_options';
import {graphModelOf} from './graph_model_of';
import {graphInputs} from './input_spec';
import type {StoredModel} from './model_file';
import {withValues} from './model_weights';
import {isEachAlone, type Pruned} from './prune_layers';

/**
 * Prunes the kernels of a GraphModel, or those of them that `layers` lists: each alone as it
 * is written, where it can be.
 */
export async function pruneGraph(
  stored: StoredModel,
  args: Omit<PrunedKernelArgs, 'layers'>,
  layers?: ReadonlyArray<string | RegExp>,
): Promise<Pruned> {
  const kernels = kernelsOf(stored.path, stored.artifacts);
  check(
    kernels.length > 0,
    stored.path,
    'a graph with products or convolutions by weights',
    'none',
  );
  const all = kernels.map(({name}) => name);
  const names = layers ? kernelsNamed(layers, all) : all;
  const chosen = new Map(
    kernels.filter(({name}) => names.includes(name)).map((each) => [each.name, each]),
  );
  const weights: Pruned['weights'] = [];
  const prune = async (some: readonly StoredWeight[]) => {
    const pruned = await pruneWeights(some, chosen, args);
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

/**
 * Prunes a GraphModel by the examples that `options` name, which takes tfjs-converter; its
 * weights that change are float32.
 */
export async function pruneGraphByData(
  stored: StoredModel,
  args: PruneGraphArgs,
  options: CalibrationOptions,
): Promise<Pruned> {
  const model = await graphModelOf(stored);
  const dispose = () => model.dispose();
  try {
    const before = new Map(Object.entries(model.weights).map(([name, [{id}]]) => [name, id]));
    const {weights, reconstruction} = await withCalibration(
      stored,
      graphInputs(model, stored),
      options,
      (calibration) => pruneTensors(model, {...args, ...calibration}),
    );
    const written = withValues(stored, async ({spec: {name}}) => {
      const [value] = model.weights[name] ?? [];
      return value && value.id !== before.get(name) ? value.data<'float32'>() : undefined;
    });
    return {model: written, weights, ...(reconstruction ? {reconstruction} : {}), dispose};
  } catch (error) {
    dispose();
    throw error;
  }
}

async function those(
  stored: StoredModel,
  names: ReadonlyMap<string, unknown>,
): Promise<StoredWeight[]> {
  const found: StoredWeight[] = [];
  for await (const weight of stored.weights()) {
    if (names.has(weight.spec.name)) {
      found.push(weight);
    }
  }
  return found;
}

/** The values that pruning leaves of weights, and how many of them are zero. */
async function pruneWeights(
  all: readonly StoredWeight[],
  kernels: ReadonlyMap<string, GraphKernel>,
  args: Omit<PrunedKernelArgs, 'layers'>,
) {
  const held: HeldKernel[] = [];
  for (const weight of all) {
    const {name, shape} = weight.spec;
    const value = tensor(Float32Array.from(await valuesOf(weight)), shape);
    held.push({...kernels.get(name)!, value});
  }
  const pruned = await prunedKernels(held, args).finally(() =>
    dispose(held.map(({value}) => value)),
  );
  try {
    const tensors = [...pruned.values()];
    const zeros = await countZeros(tensors);
    const values = await Promise.all(tensors.map((weight) => weight.data<'float32'>()));
    return [...pruned.keys()].map((name, i) => ({name, values: values[i], zeros: zeros[i]}));
  } finally {
    dispose([...pruned.values()]);
  }
}
