import {type io, zeros} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {pruneNow, type PruneNowArgs} from '../by_hand/masks_by_hand';
import {stripPruning} from '../by_hand/strip';
import {tensorOf, valuesOf} from '../files/quantize/dequantize';
import type {StoredWeight} from '../files/quantize/stored_weight';
import type {LayerWeight} from '../model/layer_walk';
import {weightsToPrune} from '../model/prunable';
import {pruneCandidates} from '../model/prune_candidates';
import {sparsityReport} from '../report/report';
import {inPlainMemory} from '../workers/backend';
import {type Reconstruction, withCalibration} from './calibration';
import type {CalibrationOptions} from './data_options';
import {layersInputs} from './input_spec';
import {emptyModelOf, freeModel, layersModelOf, type StoredModel} from './model_file';
import {withValues, writtenModel, type WrittenModel} from './model_weights';
import {zerosIn} from './weight_values';

/** A model pruned, and the zeros of its weights. */
export interface Pruned {
  model: WrittenModel;
  weights: Array<{name: string; size: number; zeros: number}>;
  /** Where examples were given. */
  reconstruction?: Reconstruction;
  /** Frees the weights, once the model is written. */
  dispose(): void;
}

type Args = PruneNowArgs & {layers?: ReadonlyArray<string | RegExp>};

/** Prunes a LayersModel: each weight alone as it is written, where it can be. */
export async function pruneLayers(
  stored: StoredModel,
  args: Args,
  options: CalibrationOptions = {},
): Promise<Pruned> {
  const isAlone = isEachAlone(args) && options.data === undefined;
  return isAlone ? pruneEach(stored, args) : pruneTogether(stored, args, options);
}

async function pruneTogether(
  stored: StoredModel,
  args: Args,
  options: CalibrationOptions,
): Promise<Pruned> {
  const model = await layersModelOf(stored);
  const dispose = () => freeModel(model);
  try {
    const {reconstruction} = await withCalibration(
      stored,
      layersInputs(model),
      options,
      (calibration) => pruneNow(model, {...args, ...calibration}),
    );
    stripPruning(model);
    const {weights} = await sparsityReport(model);
    return {
      model: writtenModel(model, stored),
      weights: weights.map(({name, size, zeros}) => ({name, size, zeros})),
      ...(reconstruction ? {reconstruction} : {}),
      dispose,
    };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** Of a model of zeros, which take no memory, one weight at a time has its values. */
async function pruneEach(stored: StoredModel, args: Args): Promise<Pruned> {
  const model = await emptyModelOf(stored);
  const chosen = new Map(
    weightsToPrune(model, args.layers).map((weight) => [weight.variable.originalName, weight]),
  );
  const others = pruneCandidates(model)
    .filter(({byDefault}) => byDefault)
    .map(({variable, name}) => [variable.originalName, name]);
  const shown = new Map([...others, ...[...chosen].map(([key, {name}]) => [key, name])] as Array<
    [string, string]
  >);
  const weights = [...shown.values()].map((name) => ({name, size: 0, zeros: 0}));
  const pruned = withValues(withoutOptimizer(stored), async (weight) => {
    const {name} = weight.spec;
    const found = chosen.get(name);
    const values = found && (await pruneOne(model, found, weight, args));
    const row = weights.find((each) => each.name === shown.get(name));
    if (row) {
      const all = values ?? (await valuesOf(weight));
      Object.assign(row, {size: all.length, zeros: zerosIn(all)});
    }
    return values;
  });
  return {model: pruned, weights, dispose: () => freeModel(model)};
}

/** The values that pruning leaves of one weight. */
async function pruneOne(
  model: LayersModel,
  {name, variable}: LayerWeight,
  weight: StoredWeight,
  args: Args,
): Promise<Float32Array> {
  const {[weight.spec.name]: tensor} = tensorOf(weight);
  variable.write(tensor);
  tensor.dispose();
  await pruneNow(model, {...args, layers: [name.slice(0, name.lastIndexOf('/'))]});
  stripPruning(model);
  const values = await variable.read().data<'float32'>();
  const empty = await inPlainMemory(async () => zeros(weight.spec.shape));
  variable.write(empty);
  empty.dispose();
  return values;
}

function withoutOptimizer(stored: StoredModel): StoredModel {
  const isKept = (spec: io.WeightsManifestEntry) => spec.group !== 'optimizer';
  const weightSpecs = (stored.artifacts.weightSpecs ?? []).filter(isKept);
  return {
    ...stored,
    artifacts: {...stored.artifacts, weightSpecs},
    weights: async function* () {
      for await (const weight of stored.weights()) {
        if (isKept(weight.spec)) {
          yield weight;
        }
      }
    },
  };
}

/**
 * Whether weights need not be pruned together, so that only one has masks and scores at
 * a time. Drawn alone, random ones of one shape would be alike.
 */
export function isEachAlone({
  scope = 'layer',
  criterion,
}: Pick<PruneNowArgs, 'scope' | 'criterion'>): boolean {
  return scope === 'layer' && criterion !== 'random';
}
