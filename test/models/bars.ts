import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {
  abs,
  dispose,
  io,
  max,
  min,
  randomNormal,
  sub,
  type Tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import {type layers, LayersModel, loadLayersModel} from '@tensorflow/tfjs-layers';

import {ChannelPruner, foldNormalization, NeuronPruner, shrink, stripPruning} from '../../lib';
import {channelGroups} from '../../lib/channels/groups/channel_groups';
import {areFilters, areUnits} from '../../lib/channels/groups/kind';
import {compressed} from '../../lib/files/io';
import {nodesOf} from '../../lib/model/layer_tree';
import {countMacs} from '../../lib/report/macs';

/** Half of all channels gone, of inputs and of outputs: a quarter, and what must stay whole. */
const MACS_LEFT = 0.32;
const HALF = {initialSparsity: 0.5, finalSparsity: 0.5, beginStep: 0, endStep: 0};

/** What holds of a published or Keras-made LayersModel. */
export async function expectBars(model: LayersModel, images: number): Promise<void> {
  expectOnlyOutputsFrozen(model);
  const shape = model.inputs[0].shape.slice(1).map((size) => size ?? 64);
  const x = randomNormal([images, ...shape], 0, 1, 'float32', 3);
  await maskHalf(model);
  const smaller = await shrink(model);
  expect(countMacs(model).unknown).toEqual([]);
  expect(countMacs(smaller).macs / countMacs(model).macs).toBeLessThanOrEqual(MACS_LEFT);
  expect(await difference(model, smaller, x)).toBeLessThan(1e-5);

  const folded = foldNormalization(smaller);
  expect(normalizationsOf(folded)).toBe(unfoldable(smaller));
  expect(await difference(smaller, folded, x)).toBeLessThan(1e-4);

  await expectPackedBitEqual(smaller);
  await expectQuantizedWithinHalfAStep(smaller, x);
  dispose(x);
  stripPruning(model);
  [smaller, folded].forEach((each) => each.dispose());
}

/** The channels that stay are those of layers from which the model's outputs come. */
function expectOnlyOutputsFrozen(model: LayersModel): void {
  const last = new Set(model.outputs.map(({sourceLayer}) => sourceLayer.name));
  const frozen = channelGroups(model).filter((group) => group.frozen !== undefined);
  expect(frozen.flatMap(({layers: names}) => names.filter((name) => !last.has(name)))).toEqual([]);
}

async function maskHalf(model: LayersModel): Promise<void> {
  model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
  const open = channelGroups(model).filter(({frozen}) => frozen === undefined);
  const pruners = [
    ...(open.some(areFilters) ? [new ChannelPruner(HALF)] : []),
    ...(open.some(areUnits) ? [new NeuronPruner(HALF)] : []),
  ];
  for (const pruner of pruners) {
    pruner.setModel(model);
    await pruner.onTrainBegin();
    await pruner.onTrainEnd();
  }
}

/** The largest difference of an output, over the spread of the first model's. */
export async function difference(one: LayersModel, other: LayersModel, x: Tensor): Promise<number> {
  const ratio = tidy(() => {
    const [a, b] = [one, other].map((model) => [model.predict(x)].flat()[0]);
    return [max(abs(sub(a, b))), sub(max(a), min(a))];
  });
  const [[error], [spread]] = await Promise.all(ratio.map((each) => each.data()));
  dispose(ratio);
  expect(spread).toBeGreaterThan(1e-6);
  return error / spread;
}

function normalizationsOf(model: LayersModel): number {
  return model.layers.filter(isNormalization).length;
}

function isNormalization(layer: layers.Layer): boolean {
  return layer.getClassName() === 'BatchNormalization';
}

/** Normalizations of what no layer with weights makes for them alone, without an activation. */
function unfoldable(model: LayersModel): number {
  const nodes = nodesOf(model);
  const readers = (id: number) =>
    nodes.filter(
      ({inboundLayers, inputTensors}) =>
        inboundLayers.length > 0 && inputTensors.some((x) => x.id === id),
    ).length;
  return nodes.filter(({outboundLayer, inputTensors}) => {
    if (!isNormalization(outboundLayer)) {
      return false;
    }
    const [x] = inputTensors;
    const maker = x.sourceLayer;
    const {activation} = maker.getConfig();
    const makes = maker.weights.length > 0 && !isNormalization(maker);
    return !makes || readers(x.id) > 1 || !['linear', undefined].includes(activation as string);
  }).length;
}

/** Packs and unpacks: what comes back is bit for bit what went in. */
async function expectPackedBitEqual(model: LayersModel): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-models-'));
  try {
    const file = compressed(join(folder, 'model.tfpack'), {format: 'packed'});
    await model.save(file);
    const loaded = await loadLayersModel(file);
    const bits = async (each: LayersModel) =>
      Promise.all(each.weights.map(async (weight) => bytesOf(await weight.read().data())));
    const [before, after] = [await bits(model), await bits(loaded)];
    expect(after.length).toBe(before.length);
    expect(after.every((bytes, i) => bytes.equals(before[i]))).toBe(true);
    loaded.dispose();
  } finally {
    rmSync(folder, {recursive: true});
  }
}

export function bytesOf(values: Float32Array | Int32Array | Uint8Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

/** As tfjs's own files of uint8, read by tfjs alone. */
async function expectQuantizedWithinHalfAStep(model: LayersModel, x: Tensor): Promise<void> {
  let artifacts: io.ModelArtifacts | undefined;
  const memory: io.IOHandler = {
    save: (given) => {
      artifacts = given;
      return Promise.resolve({modelArtifactsInfo: io.getModelArtifactsInfoForJSON(given)});
    },
  };
  await model.save(compressed(memory, {quantize: {'*': 'uint8'}}));
  const loaded = await loadLayersModel(io.fromMemory(artifacts!));
  const steps = new Map(
    artifacts!.weightSpecs!.map(({name, quantization}) => [name, quantization?.scale ?? 0]),
  );
  const stored = new Map(loaded.weights.map((weight) => [weight.originalName, weight]));
  for (const weight of model.weights) {
    const step = steps.get(weight.originalName)!;
    const error = tidy(() => max(abs(sub(weight.read(), stored.get(weight.originalName)!.read()))));
    const [largest] = await error.data();
    error.dispose();
    expect(largest).toBeLessThanOrEqual((step / 2) * 1.001);
  }
  const outputs = tidy(() => [loaded.predict(x)].flat()[0]);
  expect((await outputs.data()).every(Number.isFinite)).toBe(true);
  outputs.dispose();
  loaded.dispose();
}
