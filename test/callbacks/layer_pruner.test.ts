import * as tf from '@tensorflow/tfjs-core';
import {
  type Callback,
  input,
  layers,
  type LayersModel,
  loadLayersModel,
  model as makeModel,
  sequential,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';

import {
  composeCallbacks,
  LayerPruner,
  type LayerPrunerArgs,
  PolynomialDecay,
  shrink,
  sparsityReport,
  stripPruning,
} from '../../lib';
import {layerUnits} from '../../lib/layers/layer_units';
import {registerTrainingKernels} from '../../lib/wasm';
import {backendName} from '../setup/backend';
import {innerModel, probe, QUIET, saved, state, values} from '../setup/models';
import {Linear} from '../setup/own_layers';
import {largestError, predict} from '../shrink/fuzz_once';
import {randomInputs, randomizeWeights} from '../shrink/random_model';

type T = SymbolicTensor;

beforeAll(() => {
  if (backendName === 'wasm') {
    registerTrainingKernels();
  }
});

let warn: jest.SpyInstance;
beforeEach(() => (warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined)));
afterEach(() => warn.mockRestore());

const dense = (name: string, more = {}) =>
  layers.dense({units: 6, activation: 'tanh', name, ...more});

/** Layers a to d of 6 units, and an output of 2. */
function chain(): LayersModel {
  return compiled(
    sequential({
      layers: [
        dense('a', {inputShape: [6]}),
        dense('b'),
        layers.batchNormalization({name: 'bn'}),
        // With a seed: which layer matters least must not be left to chance.
        layers.dropout({rate: 0.2, seed: 3, name: 'drop'}),
        dense('c', {kernelRegularizer: 'l1l2'}),
        dense('d', {units: 4}),
        layers.dense({units: 2, name: 'out'}),
      ],
    }),
  );
}

const conv = (filters: number, name: string, more = {}) =>
  layers.conv2d({filters, kernelSize: 3, padding: 'same', name, ...more});

/** Three residual blocks; in the second the shape changes, and both inputs are branches. */
function resNet(): LayersModel {
  const x = input({shape: [4, 4, 2], name: 'in'});
  const unit = (y: T, filters: number, name: string, strides = 1) => {
    let z = conv(filters, `${name}1`, {strides, useBias: false}).apply(y) as T;
    z = layers.batchNormalization({name: `${name}1bn`}).apply(z) as T;
    z = layers.reLU({name: `${name}relu`}).apply(z) as T;
    z = conv(filters, `${name}2`).apply(z) as T;
    return layers.batchNormalization({name: `${name}2bn`}).apply(z) as T;
  };
  let y = conv(4, 'stem', {activation: 'relu'}).apply(x) as T;
  y = layers.add({name: 'add1'}).apply([y, unit(y, 4, 'p')]) as T;
  const short = layers.conv2d({filters: 6, kernelSize: 1, strides: 2, name: 'short'}).apply(y) as T;
  y = layers.add({name: 'add2'}).apply([short, unit(y, 6, 'q', 2)]) as T;
  y = layers.reLU({name: 'relu'}).apply(y) as T;
  y = layers.add({name: 'add3'}).apply([y, unit(y, 6, 'r')]) as T;
  y = layers.globalAveragePooling2d({dataFormat: 'channelsLast', name: 'pool'}).apply(y) as T;
  return compiled(
    makeModel({inputs: x, outputs: layers.dense({units: 2, name: 'out'}).apply(y) as T}),
  );
}

function compiled<M extends LayersModel>(model: M, metrics: string[] = []): M {
  randomizeWeights(model, 3);
  model.compile({optimizer: tf.train.adam(0.01), loss: 'meanSquaredError', metrics});
  return model;
}

function samples(model: LayersModel, count = 40): {x: tf.Tensor; y: tf.Tensor} {
  const shape = [count, ...(model.inputs[0].shape.slice(1) as number[])];
  return {
    x: tf.randomNormal(shape, 0, 1, 'float32', 5),
    y: tf.randomNormal([count, 2], 0, 1, 'float32', 6),
  };
}

/** Data of which the model gets all right. */
function explained(model: LayersModel): {x: tf.Tensor; y: tf.Tensor} {
  const {x, y} = samples(model);
  y.dispose();
  return {x, y: model.predict(x) as tf.Tensor};
}

/** Epochs of 4 steps. */
async function fit(model: LayersModel, callbacks: Callback[] | Callback, epochs = 2) {
  const {x, y} = samples(model);
  const history = await model.fit(x, y, {...QUIET, epochs, callbacks});
  tf.dispose([x, y]);
  return history;
}

async function pruned(model: LayersModel, args: Partial<LayerPrunerArgs> = {}, epochs = 2) {
  const pruner = new LayerPruner({count: 1, frequency: 2, ...args});
  await fit(model, pruner, epochs);
  return pruner;
}

const layerNames = ({layers}: LayersModel) => layers.map(({name}) => name);

/** How far apart the two predict. */
async function distance(model: LayersModel, other: LayersModel): Promise<number> {
  const inputs = randomInputs(model, 7);
  const outputs = [predict(model, inputs), predict(other, inputs)] as const;
  const error = await largestError(...outputs);
  tf.dispose([inputs, ...outputs]);
  return error;
}

async function copy(model: LayersModel): Promise<LayersModel> {
  return loadLayersModel(tf.io.fromMemory(await saved(model)));
}

function scale(model: LayersModel, names: string[], factor: number): void {
  for (const name of names) {
    for (const variable of model.getLayer(name).weights) {
      tf.tidy(() => void variable.write(tf.mul(variable.read(), factor)));
    }
  }
}

describe('a chain of layers', () => {
  it('loses the least important, with its normalization, and shrinks to what it computes', async () => {
    const model = chain();
    scale(model, ['b'], 0.001);
    const pruner = await pruned(model);
    expect(pruner.removed).toEqual(['b']);
    // b, its normalization; a, c; d; out.
    expect(pruner.sparsity).toBe((42 + 24) / (42 + 24 + 2 * 42 + 28 + 10));
    expect(model.getLayer('b').getClassName()).toBe('Activation');
    expect(model.getLayer('bn').getConfig()).toMatchObject({name: 'bn', activation: 'linear'});
    const smaller = await shrink(model);
    expect(layerNames(smaller)).toEqual(['a', 'drop', 'c', 'd', 'out']);
    expect(await distance(model, smaller)).toBeLessThan(1e-5);
    stripPruning(model);
    expect(await distance(model, smaller)).toBeLessThan(1e-5);
  });

  it('loses its first layer, and keeps the shape and name of its input', async () => {
    const model = chain();
    await pruned(model, {layers: ['a']});
    const smaller = await shrink(model);
    expect(layerNames(smaller)).toEqual(['a_input', 'b', 'bn', 'drop', 'c', 'd', 'out']);
    expect(smaller.inputNames).toEqual(model.inputNames);
    expect(smaller.inputs[0].shape).toEqual([null, 6]);
    expect(await distance(model, smaller)).toBeLessThan(1e-5);
    expect(await distance(model, await copy(smaller))).toBe(0);
    await fit(smaller, []);
  });

  it('loses one before each second step, and logs so', async () => {
    const model = chain();
    const counts: unknown[] = [];
    const watch = probe({onBatchEnd: async (_, logs) => void counts.push(logs?.removedLayers)});
    const pruner = new LayerPruner({count: 3, beginStep: 1, frequency: 2});
    const {history} = await fit(model, [pruner, watch], 2);
    expect(counts).toEqual([0, 1, 1, 2, 2, 3, 3, 3]);
    expect(history.removedLayers).toEqual([2, 3]);
    expect([...pruner.removed].sort()).toEqual(['a', 'b', 'c']);
    expect(warn).not.toHaveBeenCalled();
    expect(layerNames(await shrink(model))).toEqual(['a_input', 'drop', 'd', 'out']);
  });

  it('loses one before each second epoch', async () => {
    const model = chain();
    const pruner = new LayerPruner({count: 2, beginStep: 1, frequency: 2, unit: 'epoch'});
    const first = await fit(model, pruner, 3);
    expect(first.history.removedLayers).toEqual([0, 1, 1]);
    expect(pruner.hasEnded).toBe(false);
    const second = await fit(model, pruner, 2);
    expect(second.history.removedLayers).toEqual([2, 2]);
    expect(pruner.hasEnded).toBe(true);
  });

  it('is saved as a model that stock tfjs loads, and leaves no tensors', async () => {
    const model = chain();
    await fit(model, []);
    const tensors = tf.memory().numTensors;
    await pruned(model);
    const loaded = await copy(model);
    expect(await distance(model, loaded)).toBe(0);
    loaded.dispose();
    stripPruning(model);
    // Two weights less of a layer, with as many slots of Adam: 3 tensors each.
    expect(tf.memory().numTensors).toBe(tensors - 6);
    expect(model.dispose().numDisposedVariables).toBe(12);
  });

  it('is saved with what the optimizer knows of the others, and trains on when loaded', async () => {
    const model = chain();
    await pruned(model, {layers: ['b']});
    const loaded = await loadLayersModel(tf.io.fromMemory(await saved(model, true)));
    const slots = async ({optimizer}: LayersModel) =>
      (await optimizer.getWeights()).map(({name, tensor}) => [name, values(tensor)]);
    expect(await slots(loaded)).toEqual(await slots(model));
    expect(await slots(loaded)).toHaveLength(1 + 2 * 8);
    await fit(loaded, []);
  });

  it('fits, shrinks and fits again', async () => {
    const model = chain();
    await pruned(model);
    await fit(model, []);
    const smaller = await shrink(stripPruning(model));
    await pruned(smaller);
    const smallest = await shrink(stripPruning(smaller));
    const kernel = values(smallest.getLayer('out').weights[0]);
    await fit(smallest, []);
    expect(values(smallest.getLayer('out').weights[0])).not.toEqual(kernel);
    expect(layerNames(smallest).length).toBeLessThan(layerNames(smaller).length);
  });
});

describe('residual blocks', () => {
  it.each<Partial<LayerPrunerArgs>>([
    {importance: 'l2'},
    {importance: 'l1'},
    {importance: 'gamma'},
    {importance: 'fpgm'},
    {importance: (kernel) => tf.sum(tf.square(kernel), [0, 1, 2])},
  ])('lose the branch of small weights first, by %j', async (args) => {
    const model = resNet();
    scale(model, ['r1', 'r1bn', 'r2', 'r2bn'], 1e-4);
    const pruner = await pruned(model, {layers: ['add1', 'add3'], ...args}, 1);
    expect(pruner.removed).toEqual(['add3']);
    const smaller = await shrink(model);
    expect(layerNames(smaller).filter((name) => /^r|add3/.test(name))).toEqual(['relu']);
    expect(await distance(model, smaller)).toBeLessThan(1e-5);
    stripPruning(model);
    expect(await distance(model, await copy(model))).toBe(0);
  });

  it('lose the branch that the loss does not need, and nothing changes', async () => {
    const model = resNet();
    scale(model, ['p2bn'], 1e-6);
    const before = await copy(model);
    const calibration = explained(model);
    const pruner = new LayerPruner({count: 1, calibration});
    pruner.setModel(model);
    await pruner.onTrainBegin();
    await pruner.onBatchBegin(0);
    expect(pruner.removed).toEqual(['add1']);
    expect(await distance(before, await shrink(model))).toBeLessThan(1e-5);
    await pruner.onTrainEnd();
  });

  it.each(['gradientChange', 'taylor', 'meanActivation', 'maxActivation'] as const)(
    'lose the branch that adds least, by %s of data',
    async (importance) => {
      const model = resNet();
      await fit(model, []);
      scale(model, ['p2bn'], 1e-6);
      const tensors = tf.memory().numTensors;
      const {x, y} = samples(model);
      const calibration = importance.toString().endsWith('Activation') ? {x} : {x, y};
      const pruner = await pruned(model, {importance, calibration}, 1);
      tf.dispose([x, y]);
      expect(pruner.removed).toEqual(['add1']);
      stripPruning(model);
      expect(tf.memory().numTensors).toBe(tensors);
    },
  );

  it('keep one input of each addition', async () => {
    const model = resNet();
    const pruner = await pruned(
      model,
      {count: 9, frequency: 1, layers: ['add1', 'add2', 'add3']},
      4,
    );
    expect([...pruner.removed].sort()).toEqual(['add1', 'add2', 'add3']);
    expect(warn).toHaveBeenCalledWith(
      'LayerPruner: removed 3 of 9 layers: no other layer can be removed.',
    );
    const smaller = await shrink(model);
    expect(await distance(model, smaller)).toBeLessThan(1e-5);
    expect(layerNames(smaller).some((name) => name.startsWith('add'))).toBe(false);
    expect(['short', 'q1'].filter((name) => layerNames(smaller).includes(name))).toHaveLength(1);
  });

  it('stay masked in later fits, and train on', async () => {
    const model = resNet();
    const pruner = await pruned(model);
    const [name] = pruner.removed;
    await fit(model, new LayerPruner({count: 1, layers: ({name}) => /^[pqrs]/.test(name)}));
    expect(await distance(model, await shrink(model))).toBeLessThan(1e-5);
    stripPruning(model);
    const smaller = await shrink(model);
    expect(layerNames(smaller)).not.toContain(name);
    const {history} = await fit(smaller, [], 3);
    expect(history.loss[2]).toBeLessThan(history.loss[0] as number);
  });
});

describe('beside another pruner', () => {
  const decay = () =>
    new PolynomialDecay({
      initialSparsity: 0,
      finalSparsity: 0.5,
      beginStep: 0,
      endStep: 4,
      frequency: 1,
    });

  it('leaves it the other layers, and no tensors', async () => {
    const model = chain();
    await fit(model, []);
    const tensors = tf.memory().numTensors;
    const pruner = new LayerPruner({count: 1, beginStep: 2, layers: ['b']});
    await fit(model, composeCallbacks(decay(), pruner) as Callback[]);
    stripPruning(model);
    const {weights} = await sparsityReport(model);
    expect(weights.map(({name, sparsity}) => [name, sparsity])).toEqual(
      ['a', 'c', 'd', 'out'].map((name) => [`${name}/kernel`, 0.5]),
    );
    // Kernel, bias, gamma, beta with two slots each; moving mean and variance.
    expect(tf.memory().numTensors).toBe(tensors - 14);
    await fit(model, decay());
  });

  it.each([true, false])('does not let it revive a branch, first: %s', async (isFirst) => {
    const model = resNet();
    const pruner = new LayerPruner({count: 1, layers: ['add3'], beginStep: 1});
    const callbacks = isFirst ? [pruner, decay()] : [decay(), pruner];
    const dead: number[] = [];
    const watch = probe({
      onBatchEnd: async () =>
        void dead.push(Math.max(...values(model.getLayer('r2bn').weights[0]).map(Math.abs))),
    });
    await fit(model, [...callbacks, watch]);
    expect(dead.slice(1)).toEqual(Array(7).fill(0));
    stripPruning(model);
    expect(layerNames(await shrink(model))).not.toContain('add3');
  });
});

describe('maxDrop', () => {
  /** A classifier for which only layer c matters; a is close to an identity. */
  function classifier(): LayersModel {
    const identity = (factor: number) => tf.mul(tf.eye(6), factor) as tf.Tensor;
    const linear = (name: string, more = {}) =>
      layers.dense({units: 6, name, useBias: false, ...more});
    const model = sequential({
      layers: [
        linear('a', {inputShape: [6]}),
        linear('c'),
        layers.dense({units: 6, activation: 'softmax', useBias: false, name: 'out'}),
      ],
    });
    tf.tidy(() => {
      model.getLayer('a').setWeights([identity(3)]);
      model.getLayer('c').setWeights([tf.reverse(tf.eye(6), 0)]);
      model.getLayer('out').setWeights([identity(5)]);
    });
    const optimizer = tf.train.sgd(1e-4);
    model.compile({optimizer, loss: 'categoricalCrossentropy', metrics: ['accuracy']});
    return model;
  }

  /** Each class is the reverse of the largest input. */
  function digits() {
    return tf.tidy(() => ({x: tf.eye(6) as tf.Tensor, y: tf.reverse(tf.eye(6), 0) as tf.Tensor}));
  }

  async function fitDigits(model: LayersModel, pruner: LayerPruner, epochs = 3) {
    const {x, y} = digits();
    await model.fit(x, y, {epochs, verbose: 0, callbacks: pruner});
    tf.dispose([x, y]);
  }

  it('puts back what costs more, bit for bit', async () => {
    const model = classifier();
    const validation = digits();
    const pruner = new LayerPruner({maxDrop: 0.1, validation, layers: ['c'], frequency: 1});
    pruner.setModel(innerModel(model));
    await pruner.onTrainBegin();
    const before = state(model);
    await pruner.onBatchBegin(0);
    expect(state(model)).toEqual(before);
    expect(model.getLayer('c').getClassName()).toBe('Dense');
    await pruner.onTrainEnd();
    expect(pruner.removed).toEqual([]);
    expect(warn).toHaveBeenCalledWith(
      'LayerPruner: removed no layer: removing any other costs more than maxDrop (0.1 of accuracy).',
    );
  });

  it('puts back a branch bit for bit', async () => {
    const model = compiled(resNet(), ['mse']);
    const validation = explained(model);
    const pruner = new LayerPruner({maxDrop: 0, validation});
    pruner.setModel(model);
    await pruner.onTrainBegin();
    const before = state(model);
    await pruner.onBatchBegin(0);
    await pruner.onTrainEnd();
    expect({...(state(model) as object), hooked: true}).toEqual(before);
    expect(pruner.removed).toEqual([]);
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('(0 of loss).'));
  });

  it('removes what costs little, though it is not the least important', async () => {
    const model = classifier();
    const validation = digits();
    const pruner = new LayerPruner({count: 2, maxDrop: 0.1, validation, frequency: 1});
    await fitDigits(model, pruner);
    expect(pruner.removed).toEqual(['a']);
    expect(layerNames(await shrink(model))).toEqual(['a_input', 'c', 'out']);
  });

  it('takes a dataset', async () => {
    const model = classifier();
    const data = async function* () {
      const {x, y} = digits();
      yield {xs: x, ys: y};
    };
    const validation = {size: 1, iterator: async () => data()} as never;
    const pruner = new LayerPruner({maxDrop: 0, validation, frequency: 1});
    const before = tf.memory().numTensors;
    await fitDigits(model, pruner);
    expect(pruner.removed).toEqual(['a']);
    stripPruning(model);
    expect(tf.memory().numTensors).toBe(before - 1);
  });
});

describe('nested models', () => {
  /** A chain of x → block → block's own layers, of which one block is used twice. */
  function nested(shared: boolean): LayersModel {
    const block = sequential({
      name: 'block',
      layers: [dense('a', {inputShape: [6]}), dense('b')],
    });
    const inner = input({shape: [6]});
    const residual = makeModel({
      name: 'residual',
      inputs: inner,
      outputs: layers
        .add({name: 'sum'})
        .apply([inner, dense('g').apply(dense('f', {units: 3}).apply(inner)) as T]) as T,
    });
    const x = input({shape: [6]});
    let y = block.apply(x) as T;
    y = shared ? (block.apply(y) as T) : y;
    y = residual.apply(y) as T;
    return compiled(
      makeModel({inputs: x, outputs: layers.dense({units: 2, name: 'out'}).apply(y) as T}),
    );
  }

  it('lose layers and branches inside, and go when nothing is left', async () => {
    const model = nested(false);
    const pruner = await pruned(model, {count: 3, frequency: 1});
    expect([...pruner.removed].sort()).toEqual(['block/a', 'block/b', 'residual/sum']);
    const smaller = await shrink(model);
    expect(layerNames(smaller)).toHaveLength(2);
    expect(await distance(model, smaller)).toBeLessThan(1e-5);
    expect(await distance(model, await copy(model))).toBe(0);
    expect(await distance(smaller, await copy(smaller))).toBe(0);
  });

  it('keep layers that are used again', async () => {
    const model = nested(true);
    const pruner = await pruned(model, {count: 3, frequency: 1});
    expect(pruner.removed).toEqual(['residual/sum']);
    expect(await distance(model, await shrink(model))).toBeLessThan(1e-5);
    await expect(prunerFor(model, {layers: ['block/a']}).onTrainBegin()).rejects.toThrow(
      /^layers: expected layers that can be removed, but got 'block\/a: it is used 2 times'/,
    );
  });
});

function prunerFor(model: LayersModel, args: Partial<LayerPrunerArgs> & object): LayerPruner {
  const pruner = new LayerPruner({count: 1, ...args});
  pruner.setModel(innerModel(model) ?? model);
  return pruner;
}

describe('refusals', () => {
  const data = () => ({x: tf.zeros([1, 6]), y: tf.zeros([1, 2])});

  it.each<[() => Partial<LayerPrunerArgs> & object, string]>([
    [() => ({count: 0}), 'count: expected an integer of at least 1, but got 0.'],
    [() => ({count: 1.5}), 'count: expected an integer of at least 1, but got 1.5.'],
    [() => ({count: undefined}), 'LayerPruner: expected count or maxDrop, but got'],
    [
      () => ({maxDrop: -0.1, validation: data()}),
      'maxDrop: expected a finite number of at least 0',
    ],
    [
      () => ({maxDrop: 0.1}),
      'validation: expected data {x, y} or a dataset, to measure maxDrop on',
    ],
    [() => ({validation: data()}), 'validation: expected none without maxDrop'],
    [() => ({maxDrop: 0, validation: {x: data().x} as never}), 'validation.y: expected a tensor'],
    [() => ({metric: 'loss'}), 'metric: expected none without maxDrop'],
    [
      () => ({maxDrop: 0, validation: data(), metric: 'mse' as never}),
      "metric: expected 'accuracy' or 'loss', but got 'mse'.",
    ],
    [() => ({importance: 'lossChange'}), 'calibration: expected data {x, y} or a dataset'],
    [
      () => ({importance: 'l1', calibration: data()}),
      "calibration: expected none for importance 'l1', which looks at no data",
    ],
    [
      () => ({importance: 'taylor'}),
      "calibration: expected data {x, y} or a dataset, which importance 'taylor' looks at",
    ],
    [
      () => ({importance: 'taylor', calibration: {x: data().x}}),
      'calibration.y: expected a tensor, or a list of tensors',
    ],
    [
      () => ({importance: 'groupL2' as never}),
      "importance: expected one of a layer's own weights or of data, but got 'groupL2'.",
    ],
    [() => ({importance: 'hessian' as never}), "importance: expected 'l2' or"],
    [() => ({beginStep: -1}), 'beginStep: expected an integer of at least 0'],
    [() => ({frequency: 0}), 'frequency: expected an integer of at least 1'],
    [() => ({unit: 'batch' as never}), "unit: expected 'step' or 'epoch', but got 'batch'."],
    [() => ({layers: {a: 0.5} as never}), 'layers: expected a predicate or a list of names'],
    [() => ({ignore: 'a' as never}), 'ignore: expected a list of names'],
    [() => ({finalSparsity: 0.5}) as never, 'LayerPruner: expected options among count, maxDrop'],
  ])('%s', (args, message) => {
    expect(() => new LayerPruner({count: 1, ...args()})).toThrow(message);
  });

  it.each<[() => Partial<LayerPrunerArgs> & object, string]>([
    [
      () => ({layers: ['nope']}),
      'layers: expected names of layers among a, b, c, d (it makes shape [4] of [6]), out (it makes shape [2] of [4])',
    ],
    [() => ({ignore: ['nope']}), 'ignore: expected names of layers among a'],
    [
      () => ({layers: ['d']}),
      "layers: expected layers that can be removed, but got 'd: it makes shape [4] of [6]'.",
    ],
    [
      () => ({ignore: ['a', 'bn', 'c']}),
      'layers: expected at least one layer that can be removed, but got',
    ],
    [
      () => ({importance: 'gamma'}),
      "importance: expected another one for 'a', which has no gamma, but got 'gamma'.",
    ],
    [
      () => ({calibration: {x: data().y, y: data().y}}),
      'calibration.x: expected a tensor of shape [samples, 6]',
    ],
    [
      () => ({maxDrop: 0, validation: {x: data().x, y: data().x}}),
      'validation.y: expected a tensor of shape',
    ],
  ])('%s, and leaves the model as it was', async (args, message) => {
    const model = chain();
    const pruner = prunerFor(model, args());
    const before = state(model);
    await expect(pruner.onTrainBegin()).rejects.toThrow(message);
    expect(state(model)).toEqual(before);
  });

  it('the output of the model, and layers that are shared or between other shapes', async () => {
    const x = input({shape: [6]});
    const twice = dense('twice');
    const y = layers
      .concatenate({name: 'cat'})
      .apply([twice.apply(x) as T, twice.apply(x) as T]) as T;
    const model = compiled(
      makeModel({inputs: x, outputs: dense('last', {units: 12}).apply(y) as T}),
    );
    await expect(prunerFor(model, {}).onTrainBegin()).rejects.toThrow(
      'none of twice (it is used 2 times), last (an output of the model)',
    );
  });

  it('branches that cannot be made zero, or are all there is', async () => {
    const x = input({shape: [6]});
    const other = input({shape: [6], name: 'other'});
    const add = (name: string, ...all: T[]) => layers.add({name}).apply(all) as T;
    const sigmoid = dense('s', {activation: 'sigmoid'}).apply(x) as T;
    const narrow = dense('n', {units: 1}).apply(x) as T;
    let y = add('a1', x, sigmoid);
    y = add('a2', y, dense('o').apply(other) as T);
    y = add('a3', narrow, dense('w').apply(y) as T);
    const model = compiled(
      makeModel({inputs: [x, other], outputs: layers.dense({units: 2, name: 'out'}).apply(y) as T}),
    );
    const units = await layerUnits(model);
    expect(units.map(({name, frozen}) => `${name} (${frozen})`).join(', ')).toMatch(
      /a1 \(a layer behind its weights makes something of zeros\), .*a2 \(it alone reads input 'other'\), .*a3 \(nothing else of that shape is added\)/,
    );
  });
});

describe('with defaults', () => {
  it('removes depthwise layers, and those of one’s own, by their weights', async () => {
    const model = sequential({
      layers: [
        layers.conv2d({filters: 3, kernelSize: 1, name: 'first', inputShape: [4, 4, 2]}),
        layers.depthwiseConv2d({kernelSize: 3, padding: 'same', name: 'weak'}),
        layers.batchNormalization({name: 'norm'}),
        layers.conv2d({filters: 3, kernelSize: 1, name: 'strong'}),
        layers.globalAveragePooling2d({}),
        new Linear({units: 3, name: 'own'}),
        layers.dense({units: 2, name: 'out'}),
      ],
    });
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    const weak = model.getLayer('weak').weights[0];
    weak.write(tf.mul(weak.read(), 1e-3));
    const pruner = new LayerPruner({count: 1});
    const x = tf.randomNormal([4, 4, 4, 2]);
    await model.fit(x, tf.zeros([4, 2]), {epochs: 2, verbose: 0, callbacks: [pruner]});
    expect(pruner.removed).toEqual(['weak']);
  });
});
