/** The page of `kernels.test.ts`: compares predictions with and without sparse kernels. */
import * as tf from '@tensorflow/tfjs-core';
import {getThreadsCount, setWasmPaths} from '@tensorflow/tfjs-backend-wasm';
import * as tfl from '@tensorflow/tfjs-layers';
import {replaceSlowKernels, sparsify} from 'tfjs-prune/wasm';

/** What a visit to the page finds. */
export interface Findings {
  /** Whether the backend's threads share its memory. */
  isShared: boolean;
  threads: number;
  models: number;
  sparseWeights: number;
  /** Models with another prediction, to the bit, than before. */
  different: string[];
  /** The first and the last loss of a training. */
  losses: number[];
}

declare global {
  interface Window {
    compare(build: 'plain' | 'simd' | 'threaded', models: number): Promise<Findings>;
  }
}

window.compare = async (build, models) => {
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', build === 'threaded');
  tf.env().set('WASM_HAS_SIMD_SUPPORT', build !== 'plain');
  setWasmPaths('/wasm/');
  await tf.setBackend('wasm');
  const memory = (Reflect.get(tf.backend(), 'wasm') as {HEAPU8: Uint8Array}).HEAPU8.buffer;
  const different: string[] = [];
  let sparseWeights = 0;
  for (let seed = 1; seed <= models; ++seed) {
    const {model, x, name} = randomModel(random(seed));
    const before = await predict(model, x);
    const sparse = await sparsify(model);
    const after = await predict(model, x);
    sparseWeights += sparse.layers.filter(({kernel}) => kernel !== 'dense').length;
    if (!before.every((value, i) => Object.is(value, after[i]))) {
      different.push(name);
    }
    model.dispose();
    x.dispose();
  }
  return {
    isShared: !(memory instanceof ArrayBuffer),
    threads: build === 'threaded' ? getThreadsCount() : 1,
    models,
    sparseWeights,
    different,
    losses: await train(),
  };
};

async function predict(model: tfl.LayersModel, x: tf.Tensor): Promise<Float32Array> {
  const y = model.predict(x) as tf.Tensor;
  const values = (await y.data()) as Float32Array;
  y.dispose();
  return values;
}

/** A convolution and a dense layer with many zeros, and a batch of images. */
function randomModel(next: () => number) {
  const whole = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  const shape = [whole(3, 20), whole(3, 20), whole(1, 40)];
  const kernelSize = whole(1, 3);
  const filters = 4 * whole(1, 12);
  const strides = whole(1, kernelSize);
  const padding = next() < 0.5 ? 'same' : 'valid';
  const model = tfl.sequential({
    layers: [
      tfl.layers.conv2d({
        inputShape: shape,
        filters,
        kernelSize,
        strides,
        padding,
        activation: next() < 0.5 ? 'relu' : 'linear',
      }),
      tfl.layers.flatten(),
      tfl.layers.dense({units: 4 * whole(1, 12)}),
    ],
  });
  const sparsity = 0.6 + 0.39 * next();
  const block = next() < 0.5 ? 1 : 4;
  for (const weight of model.weights.filter(({shape}) => shape.length > 1)) {
    const values = new Float32Array(tf.util.sizeFromShape(weight.shape as number[]));
    for (let i = 0; i < values.length; i += block) {
      const isZero = next() < sparsity;
      values.fill(0, i, i + block);
      for (let j = i; j < i + block && !isZero; ++j) {
        values[j] = next() - 0.5;
      }
    }
    weight.write(tf.tensor(values, weight.shape as number[]));
  }
  const batch = whole(4, 6);
  const pixels = Float32Array.from(
    {length: batch * tf.util.sizeFromShape(shape)},
    () => next() - 0.5,
  );
  return {
    model,
    x: tf.tensor(pixels, [batch, ...shape]),
    name: JSON.stringify({shape, kernelSize, filters, strides, padding, block, batch}),
  };
}

/** Trains a small network with the packed kernels. */
async function train(): Promise<number[]> {
  replaceSlowKernels();
  const model = tfl.sequential({
    layers: [
      tfl.layers.conv2d({inputShape: [8, 8, 2], filters: 8, kernelSize: 3, activation: 'relu'}),
      tfl.layers.batchNormalization(),
      tfl.layers.flatten(),
      tfl.layers.dense({units: 2, activation: 'softmax'}),
    ],
  });
  model.compile({optimizer: 'adam', loss: 'categoricalCrossentropy'});
  const x = tf.randomNormal([32, 8, 8, 2], 0, 1, 'float32', 1);
  const classes = Array.from({length: 32}, (_, i) => i % 2);
  const {history} = await model.fit(x, tf.oneHot(classes, 2), {epochs: 8, verbose: 0});
  return [history.loss[0] as number, history.loss[7] as number];
}

/** Numbers in [0, 1), the same for the same seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
