import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {hasListeners} from '../../lib/projection/optimizer_step';

/** Numbers in [0, 1), the same for the same seed. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `size` numbers of both signs, none of them near zero, no two of the same magnitude. */
export function distinct(size: number, seed = 1): Float32Array {
  const next = random(seed);
  const values = Float32Array.from({length: size}, (_, i) => (0.1 + i / size) * sign(next()));
  for (let i = size - 1; i > 0; --i) {
    const j = Math.floor(next() * (i + 1));
    [values[i], values[j]] = [values[j], values[i]];
  }
  return values;
}

function sign(chance: number): number {
  return chance < 0.5 ? -1 : 1;
}

/** Sets the i-th weight of `layer`, whatever it was before. */
export function setWeight(layer: tfl.layers.Layer, i: number, values: ArrayLike<number>): void {
  const variable = layer.weights[i];
  const value = tf.tensor(Float32Array.from(values), variable.shape as number[], 'float32');
  variable.write(value);
  value.dispose();
}

/** Numbers for all weights of rank 2 and more of `model`; distinct in magnitude in each. */
export function fillKernels<T extends tfl.LayersModel>(model: T, seed = 1): T {
  for (const variable of new Set(model.weights)) {
    const shape = variable.shape as number[];
    if (shape.length >= 2) {
      const value = tf.tensor(distinct(tf.util.sizeFromShape(shape), seed++), shape, 'float32');
      variable.write(value);
      value.dispose();
    }
  }
  return model;
}

export interface MlpArgs {
  inputs?: number;
  units?: number[];
  optimizer?: string | tf.Optimizer;
  dense?: Partial<Parameters<typeof tfl.layers.dense>[0]>;
  seed?: number;
}

/** A compiled MLP of layers `dense_0`, `dense_1`, …: kernels of 24 and 12 unless told. */
export function mlp(args: MlpArgs = {}): tfl.Sequential {
  const {inputs = 4, units = [6, 2], optimizer = 'sgd', dense = {}, seed = 1} = args;
  const layers = units.map((size, i) =>
    tfl.layers.dense({
      ...dense,
      units: size,
      name: `dense_${i}`,
      activation: i < units.length - 1 ? 'tanh' : 'linear',
      ...(i === 0 ? {inputShape: [inputs]} : {}),
    }),
  );
  const model = fillKernels(tfl.sequential({layers}), seed);
  model.compile({optimizer, loss: 'meanSquaredError'});
  return model;
}

/** Inputs and targets for `mlp`: 40 samples, 4 batches of 10. */
export function data(
  samples = 40,
  inputs = 4,
  outputs = 2,
  seed = 7,
): {x: tf.Tensor; y: tf.Tensor} {
  const next = random(seed);
  const uniform = (rows: number, columns: number) =>
    tf.tensor2d(
      Float32Array.from({length: rows * columns}, () => next() * 2 - 1),
      [rows, columns],
    );
  return {x: uniform(samples, inputs), y: uniform(samples, outputs)};
}

/** Options of a `fit` of 4 quiet, repeatable steps an epoch on `data()`. */
export const QUIET = {batchSize: 10, shuffle: false, verbose: 0} as const;

/** Runs `steps` steps of `trainOnBatch`. */
export async function train(model: tfl.LayersModel, steps: number, seed = 7): Promise<void> {
  const {x, y} = data(10, 4, 2, seed);
  for (let step = 0; step < steps; ++step) {
    await model.trainOnBatch(x, y);
  }
  tf.dispose([x, y]);
}

/** A copy of a tensor's or variable's numbers. */
export function values(tensor: {read(): tf.Tensor} | tf.Tensor): Float32Array {
  return Float32Array.from(('read' in tensor ? tensor.read() : tensor).dataSync());
}

/** A copy of the kernel of the layer of this name. */
export function kernel(model: tfl.LayersModel, name: string): Float32Array {
  return values(model.getLayer(name).weights[0]);
}

/** A copy of all weights. */
export function weights(model: tfl.LayersModel): number[][] {
  return model.weights.map((variable) => [...values(variable)]);
}

/** How many are zero. */
export function zeros(numbers: ArrayLike<number>): number {
  return Array.from(numbers).filter((value) => value === 0).length;
}

/** Zeros in the kernels of `dense_0`, `dense_1`, … */
export function kernelZeros(model: tfl.LayersModel): number[] {
  return model.layers
    .filter(({name}) => name.startsWith('dense_'))
    .map(({name}) => zeros(kernel(model, name)));
}

/** Positions of zeros. */
export function zeroPositions(numbers: ArrayLike<number>): number[] {
  return Array.from(numbers).flatMap((value, i) => (value === 0 ? [i] : []));
}

class Probe extends tfl.Callback {}

/** A callback made of some hooks that, other than a plain object, reads no logs. */
export function probe(hooks: Partial<tfl.Callback>): tfl.Callback {
  return Object.assign(new Probe(), hooks);
}

/**
 * Counts what is read back until `restore`: by the backend, where some kernels
 * of cpu read their inputs, or by the engine, through which all tensors are read.
 */
export function countReads(by: Pick<tf.KernelBackend, 'read' | 'readSync'> = tf.backend()): {
  count(): number;
  restore(): void;
} {
  const spies = [jest.spyOn(by, 'read'), jest.spyOn(by, 'readSync')];
  return {
    count: () => spies.reduce((all, spy) => all + spy.mock.calls.length, 0),
    restore: () => spies.forEach((spy) => spy.mockRestore()),
  };
}

/** The model that a `Sequential` trains, and shows to callbacks. */
export function innerModel(model: tfl.LayersModel): tfl.LayersModel {
  return Reflect.get(model, 'model') as tfl.LayersModel;
}

/** What a refused call must leave as it was: weights, optimizer, tensors. */
export function state(model: tfl.LayersModel): unknown {
  return {
    weights: weights(model),
    iterations: model.optimizer?.iterations,
    hooked: hooked(model),
    tensors: tf.memory().numTensors,
  };
}

/** A model's artifacts, kept in memory. */
export async function saved(
  model: tfl.LayersModel,
  includeOptimizer = false,
): Promise<tf.io.ModelArtifacts> {
  let artifacts: tf.io.ModelArtifacts = {};
  const handler = tf.io.withSaveHandler(async (all) => {
    artifacts = all;
    return {modelArtifactsInfo: {dateSaved: new Date(0), modelTopologyType: 'JSON'}};
  });
  await model.save(handler, {includeOptimizer});
  return artifacts;
}

/** The model that `saved` has kept. */
export async function loaded(artifacts: tf.io.ModelArtifacts): Promise<tfl.LayersModel> {
  return tfl.loadLayersModel(tf.io.fromMemory(artifacts));
}

type Dataset = Parameters<tfl.LayersModel['fitDataset']>[0];

/**
 * `data()` as a dataset of 4 batches, as tfjs-data makes them; endless and of
 * unknown size, as a generator's is, unless `finite`.
 */
export function dataset(finite = true): Dataset {
  const next = async function* () {
    do {
      for (let batch = 0; batch < 4; ++batch) {
        const {x, y} = data();
        const slice = (tensor: tf.Tensor) => tf.slice(tensor, [batch * 10, 0], [10, -1]);
        const values = {xs: slice(x), ys: slice(y)};
        tf.dispose([x, y]);
        yield values;
      }
    } while (!finite);
  };
  return {size: finite ? 4 : NaN, iterator: async () => next()} as unknown as Dataset;
}

/** Whether a callback listens to the steps of `model`. */
export function hooked(model: tfl.LayersModel): boolean {
  return [model, innerModel(model)].some(hasListeners);
}
