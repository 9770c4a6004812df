import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {
  ChannelPruner,
  type ChannelPrunerArgs,
  NeuronPruner,
  pruneChannelsNow,
  shrink,
  stripPruning,
} from '../../lib';
import {onlyZeros, registerChannelRule} from '../../lib/rules';
import {QUIET} from '../setup/models';
import {largestError, predict} from '../shrink/fuzz_once';

type T = tfl.SymbolicTensor;

const HEAD = 3;

/** Attention of heads of three dimensions each, as users write it: of queries, keys and values. */
class HeadAttention extends tfl.layers.Layer {
  static className = 'HeadAttention';

  override computeOutputShape(shapes: tfl.Shape[]): tfl.Shape {
    return shapes[0];
  }

  override call(inputs: tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const [batch, length, width] = inputs[0].shape;
      const [q, k, v] = inputs.map((x) =>
        tf.transpose(tf.reshape(x, [batch, length, width / HEAD, HEAD]), [0, 2, 1, 3]),
      );
      const scores = tf.softmax(tf.mul(tf.matMul(q, k, false, true), HEAD ** -0.5));
      return tf.reshape(tf.transpose(tf.matMul(scores, v), [0, 2, 1, 3]), [batch, length, width]);
    });
  }
}
tf.serialization.registerClass(HeadAttention);
registerChannelRule('HeadAttention', ({inputs: [q, k, v], shapes: [shape], graph}) => {
  graph.ids.tieAll(q.ids, k.ids);
  graph.ids.tieAll(q.ids, v.ids);
  return v.follow(shape, onlyZeros);
});

/** Four heads over six positions. */
function attention(): tfl.LayersModel {
  const dense = (units: number, name: string, seed: number) =>
    tfl.layers.dense({
      units,
      name,
      useBias: false,
      kernelInitializer: tfl.initializers.glorotNormal({seed}),
    });
  const x = tfl.input({shape: [6, 5]});
  const parts = ['q', 'k', 'v'].map((name, i) => dense(4 * HEAD, name, i + 1).apply(x) as T);
  const heads = new HeadAttention({name: 'heads'}).apply(parts) as T;
  const flat = tfl.layers.flatten().apply(dense(2, 'out', 4).apply(heads) as T) as T;
  return tfl.model({inputs: x, outputs: dense(2, 'y', 5).apply(flat) as T});
}

describe('groupSize', () => {
  it('prunes whole heads, which shrink removes', async () => {
    const model = attention();
    // The second head says least.
    for (const name of ['q', 'k', 'v']) {
      const layer = model.getLayer(name);
      const scales = tf.tensor1d(Array.from({length: 12}, (_, i) => (i >= 3 && i < 6 ? 0.1 : 1)));
      layer.setWeights([tf.mul(layer.getWeights()[0], scales)]);
    }
    await pruneChannelsNow(model, {neurons: 0.25, groupSize: {v: HEAD}, layers: ['v']});
    stripPruning(model);
    const input = tf.randomNormal([3, 6, 5], 0, 1, 'float32', 1);
    const expected = predict(model, [input]);
    const smaller = await shrink(model);
    expect(smaller.getLayer('q').weights[0].shape).toEqual([5, 9]);
    expect(smaller.getLayer('out').weights[0].shape).toEqual([9, 2]);
    expect(await largestError(expected, predict(smaller, [input]))).toBeLessThan(1e-5);
    const [kept] = smaller.getLayer('v').getWeights();
    const [before] = model.getLayer('v').getWeights();
    const columns = [0, 1, 2, 6, 7, 8, 9, 10, 11];
    expect(kept.arraySync()).toEqual(tf.gather(before, columns, 1).arraySync());
  });

  it('holds in training, to the nearest head', async () => {
    const model = attention();
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    const pruner = new NeuronPruner({
      initialSparsity: 0.1,
      finalSparsity: 0.6,
      beginStep: 0,
      endStep: 4,
      frequency: 1,
      layers: ['q'],
      groupSize: HEAD,
    });
    const [x, y] = [tf.randomNormal([40, 6, 5]), tf.randomNormal([40, 2])];
    await model.fit(x, y, {...QUIET, epochs: 2, callbacks: [pruner]});
    // 0.6 of 12 are 7, and 6 are nearer than 9.
    expect(pruner.sparsity).toBe(0.5);
    const norms = tf.sum(tf.abs(model.getLayer('v').getWeights()[0]), 0).arraySync() as number[];
    const heads = [0, 1, 2, 3].map((head) => norms.slice(head * HEAD, (head + 1) * HEAD));
    expect(heads.map((head) => head.filter((norm) => norm === 0).length).sort()).toEqual([
      0, 0, 3, 3,
    ]);
    stripPruning(model);
  });

  it('is that of the name which says most of a layer', async () => {
    const model = attention();
    const inner = tfl.model({inputs: model.inputs, outputs: model.outputs, name: 'inner'});
    const x = tfl.input({shape: [6, 5]});
    const outer = tfl.model({inputs: x, outputs: inner.apply(x) as T});
    const args = {neurons: 0.25, layers: ['inner/q']};
    const groupSize = {inner: 5, 'inner/q': HEAD};
    await expect(pruneChannelsNow(outer, {...args, groupSize})).resolves.toBeDefined();
  });

  it.each<[string, object, string]>([
    ['half a channel', {groupSize: 1.5}, 'groupSize: expected an integer'],
    ['none', {groupSize: 0}, 'groupSize: expected an integer'],
    ['a list', {groupSize: [3]}, 'groupSize: expected an integer'],
    ['half a channel of a layer', {groupSize: {v: 0.5}}, "groupSize['v']: expected an integer"],
  ])('refuses %s', (_, args, message) => {
    const schedule = {initialSparsity: 0, finalSparsity: 0.5, beginStep: 0, endStep: 1};
    const make = () => new ChannelPruner({...schedule, ...args} as ChannelPrunerArgs);
    expect(make).toThrow(message);
  });

  it.each<[string, object, string]>([
    ['what divides no layer', {groupSize: 5}, "a divisor of the 12 channels of 'q'"],
    ['an unknown layer', {groupSize: {w: 3}}, 'names of layers among q'],
  ])('refuses %s of the model', async (_, args, message) => {
    const model = attention();
    const prune = pruneChannelsNow(model, {neurons: 0.5, layers: ['q'], ...args});
    await expect(prune).rejects.toThrow(message);
  });
});
