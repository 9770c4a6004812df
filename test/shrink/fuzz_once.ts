import {
  type Tensor,
  memory,
  tidy,
  max,
  abs,
  sub,
  dispose,
  div,
  maximum,
} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {stripPruning} from '../../lib/by_hand/strip';
import type {ChannelRole} from '../../lib/channels/graph/channel_graph';
import {type ChannelGroup, channelGroups} from '../../lib/channels/groups/channel_groups';
import {maskChannels} from '../../lib/channels/mask_channels';
import {bypass} from '../../lib/layers/bypass';
import {layerUnits} from '../../lib/layers/layer_units';
import {weightsOf} from '../../lib/model/layer_tree';
import {readWeight} from '../../lib/model/read_weight';
import {shrink, type ShrinkReport} from '../../lib/shrink/shrink';
import {registerTrainingKernels} from '../../lib/wasm';
import {Random} from './random';
import {randomInputs, randomModel} from './random_model';

/** What one random model and its shrunk copy came to. */
export interface Outcome {
  seed: number;
  /** Largest difference of an output, relative to that output's largest value. */
  error: number;
  removed: number;
  kept: number;
  /** Layers that did nothing, and are left out. */
  layers: number;
  reasons: string[];
  /** Tensors that shrink left, other than the new model's weights. */
  leaked: number;
  /** Classes of the layers. */
  classes: string[];
}

/**
 * Makes a random model, silences random channels, bypasses random layers, shrinks
 * it and compares.
 * `undefined` where tfjs cannot run the model in the first place.
 */
export async function fuzzOnce(seed: number): Promise<Outcome | undefined> {
  // tfjs's own conv3dTranspose on wasm adds to what happens to be in memory.
  registerTrainingKernels();
  const random = new Random(seed);
  const model = randomModel(random);
  const mode = random.pick(['mask', 'kernels', 'scales', 'stripped'] as const);
  for (const group of channelGroups(model)) {
    silence(random, group, ROLES[mode]);
  }
  if (mode === 'stripped') {
    stripPruning(model);
  }
  const units = random.chance(0.5) ? await layerUnits(model) : [];
  const undo = units.flatMap((unit) =>
    unit.frozen === undefined && random.chance(0.5) ? [bypass(unit)] : [],
  );
  const inputs = randomInputs(model, seed);
  let expected: Tensor[];
  try {
    expected = predict(model, inputs);
  } catch {
    return undefined; // tfjs cannot run some models with steps that are masked.
  }
  const before = memory().numTensors;
  let report: ShrinkReport | undefined;
  const smaller = await shrink(model, {onReport: (made) => (report = made)});
  const leaked = memory().numTensors - before - weightsOf(smaller).length;
  const actual = predict(smaller, inputs);
  const error = await largestError(expected, actual);
  const classes = model.layers.map((layer) => layer.getClassName());
  dispose([expected, actual, inputs]);
  undo.reverse().forEach((each) => each());
  [stripPruning(model), smaller].forEach(disposeWeights);
  const kept = report!.groups.flatMap((group) => group.kept);
  return {
    seed,
    error,
    removed: report!.groups.reduce((sum, group) => sum + group.removed.length, 0),
    kept: kept.length,
    layers: report!.layers.length,
    reasons: kept.map(({reason}) => reason),
    leaked,
    classes,
  };
}

/** Which weights are masked: of all roles, only what makes channels, or only what scales them. */
const ROLES: Readonly<Record<string, ChannelRole | undefined>> = {
  kernels: 'producer',
  scales: 'scale',
};

/** Masks each channel that can go by chance; only in weights of one role, if it is given. */
export function silence(random: Random, group: ChannelGroup, only?: ChannelRole): void {
  const share = random.pick([0, 0.3, 0.6, 1]);
  const channels = group.reasons.flatMap((reason, i) =>
    reason === undefined && random.chance(share) ? [i] : [],
  );
  const members = group.members.filter(({role}) => only === undefined || role === only);
  maskChannels({...group, members}, channels);
}

/** Model.dispose of tfjs misses layers that are used twice. */
function disposeWeights(model: LayersModel): void {
  weightsOf(model).forEach((variable) => readWeight(variable).dispose());
}

export function predict(model: LayersModel, inputs: Tensor[]): Tensor[] {
  const outputs = model.predict(inputs.length === 1 ? inputs[0] : inputs);
  return Array.isArray(outputs) ? outputs : [outputs];
}

export async function largestError(expected: Tensor[], actual: Tensor[]): Promise<number> {
  const errors = expected.map((one, i) =>
    tidy(() => {
      const scale = maximum(max(abs(one)), 1e-3);
      return div(max(abs(sub(one, actual[i]))), scale);
    }),
  );
  const values = await Promise.all(errors.map((each) => each.data()));
  dispose(errors);
  return Math.max(...values.map(([value]) => (Number.isNaN(value) ? Infinity : value)));
}
