import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {
  ChannelPruner,
  foldNormalization,
  getMask,
  NeuronPruner,
  pruneNow,
  setMask,
  shrink,
  sparsityReport,
  stripPruning,
} from '../../../../lib/index';

/** What a page finds out about one backend; the same on all. */
export interface Findings {
  backend: string;
  [check: string]: unknown;
}

/** Runs on the active backend what the library computes on the device. */
export async function findings(): Promise<Findings> {
  const found: Findings = {backend: tf.getBackend()};
  for (const [name, check] of Object.entries(CHECKS)) {
    found[name] = await check().catch((error: unknown) => String(error));
  }
  return found;
}

const CHECKS: Record<string, () => Promise<unknown>> = {
  async report() {
    const model = convolutional();
    const [conv] = model.layers;
    const [kernel, bias] = conv.getWeights();
    // Filters 1 and 3 of 4 make nothing.
    conv.setWeights([tf.mul(kernel, [1, 0, 1, 0]), tf.mul(bias, [1, 0, 1, 0])]);
    const {weights, channels} = await sparsityReport(model);
    return {
      zeros: weights.map(({zeros}) => zeros),
      channels: channels.map(({zero}) => zero),
    };
  },

  async masks() {
    const model = dense(6, 5);
    await setMask(model, 'first', checkerboard(6, 5));
    const {weights} = await sparsityReport(model);
    const mask = await sumOf(getMask(model, 'first')!);
    stripPruning(model);
    const left = await sparsityReport(model);
    return {zeros: weights[0].zeros, mask, after: left.weights[0].zeros};
  },

  /** More than 2¹⁷ weights take another way to the index of the cut. */
  async selection() {
    const zeros = [];
    for (const [inputs, units] of [
      [6, 5],
      [100, 90],
      [400, 400],
    ]) {
      const model = dense(inputs, units);
      await pruneNow(model, {sparsity: 0.3, layers: ['first']});
      zeros.push((await sparsityReport(model)).weights[0].zeros);
      await pruneNow(model, {sparsity: 0.7, layers: ['first']});
      zeros.push((await sparsityReport(model)).weights[0].zeros);
      model.dispose();
    }
    return zeros;
  },

  async structures() {
    const zeros = [];
    for (const structure of [{n: 2, m: 4}, {block: [4, 4]}, {block: [1, 4]}] as const) {
      const model = dense(32, 30);
      await pruneNow(model, {sparsity: 0.5, structure, layers: ['first']});
      zeros.push((await sparsityReport(model)).weights[0].zeros);
    }
    const model = convolutional();
    await pruneNow(model, {sparsity: 0.5, structure: {n: 2, m: 4}, layers: ['second']});
    zeros.push((await sparsityReport(model)).weights[1].zeros);
    return zeros;
  },

  /** Seven inputs that are one and the same, of which one is left. */
  async reconstruction() {
    const model = dense(8, 5);
    const x = tf.tile(tf.reshape(tf.linspace(-1, 1, 32), [32, 1]), [1, 8]);
    const before = model.predict(x) as tf.Tensor;
    const {layers} = await pruneNow(model, {
      sparsity: 0.8,
      layers: ['first'],
      calibration: {x},
    });
    const convolved = convolutional();
    const seen = tf.randomNormal([64, 8, 8, 2], 0, 1, 'float32', 6);
    const solved = await pruneNow(convolved, {sparsity: 0.5, calibration: {x: seen}});
    return {
      same: (await errorOf(before, model.predict(x) as tf.Tensor)) < 0.02,
      improved: layers.every(({before: alone, after}) => after <= alone),
      left: solved.left.length,
      // To two figures: sums are in float32, in another order on each backend.
      errors: solved.layers.map(({name, after}) => `${name} ${after.toFixed(2)}`),
    };
  },

  async channels() {
    const model = convolutional();
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    const half = {initialSparsity: 0.5, finalSparsity: 0.5, beginStep: 0, endStep: 0};
    const x = tf.randomNormal([8, 8, 8, 2], 0, 1, 'float32', 5);
    const y = tf.zeros([8, 2]);
    await model.fit(x, y, {epochs: 1, verbose: 0, callbacks: [new ChannelPruner(half)]});
    await model.fit(x, y, {epochs: 1, verbose: 0, callbacks: [new NeuronPruner(half)]});
    const {channels} = await sparsityReport(model);
    stripPruning(model);
    const smaller = await shrink(model);
    const folded = foldNormalization(smaller);
    const outputs = [model, smaller, folded].map((each) => each.predict(x) as tf.Tensor);
    return {
      zero: channels.map(({zero}) => zero.length),
      shapes: smaller.weights.map(({shape}) => shape.join()),
      same: (await errorOf(outputs[0], outputs[1])) < 1e-4,
      folded: (await errorOf(outputs[0], outputs[2])) < 1e-4,
    };
  },
};

function convolutional(): tfl.Sequential {
  return seeded(
    tfl.sequential({
      layers: [
        tfl.layers.conv2d({filters: 4, kernelSize: 3, inputShape: [8, 8, 2], name: 'conv'}),
        tfl.layers.batchNormalization({name: 'norm'}),
        tfl.layers.reLU(),
        tfl.layers.conv2d({filters: 6, kernelSize: 3, activation: 'relu', name: 'second'}),
        tfl.layers.flatten(),
        tfl.layers.dense({units: 8, activation: 'relu', name: 'hidden'}),
        tfl.layers.dense({units: 2, name: 'out'}),
      ],
    }),
  );
}

function dense(inputs: number, units: number): tfl.Sequential {
  return seeded(
    tfl.sequential({
      layers: [
        tfl.layers.dense({units, inputShape: [inputs], name: 'first'}),
        tfl.layers.dense({units: 2, name: 'out'}),
      ],
    }),
  );
}

/** Weights that are the same on all backends, none of them zero. */
function seeded(model: tfl.Sequential): tfl.Sequential {
  const weights = model.getWeights().map((weight, i) => {
    let state = i + 1;
    const values = Float32Array.from({length: weight.size}, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return 0.05 + state / 2 ** 33;
    });
    const signs = values.map((value, at) => (at % 3 === 1 && weight.rank > 1 ? -value : value));
    return tf.tensor(signs, weight.shape);
  });
  model.setWeights(weights);
  tf.dispose(weights);
  return model;
}

function checkerboard(rows: number, columns: number): number[][] {
  return Array.from({length: rows}, (_, row) =>
    Array.from({length: columns}, (_, column) => (row + column) % 2),
  );
}

/** The largest distance of two tensors, as a share of the largest number of the first. */
async function errorOf(a: tf.Tensor, b: tf.Tensor): Promise<number> {
  const largest = async (tensor: tf.Tensor) => (await tf.max(tf.abs(tensor)).data())[0];
  return (await largest(tf.sub(a, b))) / (await largest(a));
}

async function sumOf(tensor: tf.Tensor): Promise<number> {
  const total = tf.sum(tensor);
  const [value] = await total.data();
  tf.dispose([tensor, total]);
  return value;
}
