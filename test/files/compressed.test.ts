import {writeFileSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

import * as tf from '@tensorflow/tfjs-core';
import {layers, loadLayersModel, sequential} from '@tensorflow/tfjs-layers';
import type {LayersModel, Sequential} from '@tensorflow/tfjs-layers';
import fc from 'fast-check';

import {compressed as inBrowser} from '../../lib/files/browser';
import {compressed, type CompressedArgs} from '../../lib/files/io';
import {packed} from '../../lib/files/load';
import {fileSystem} from '../../lib/files/node/index';
import {distinct, fillKernels, random} from '../setup/models';
import {bytesOf, modelOf, models, withoutData} from './artifacts';
import {errorOf, filesIn, readModelJSON, temporaryDirectories} from './node/support';

const newDirectory = temporaryDirectories();

/** A handler that keeps the last model that was saved. */
function memory(): tf.io.IOHandler & {artifacts: tf.io.ModelArtifacts} {
  return {
    artifacts: {},
    async save(artifacts) {
      this.artifacts = artifacts;
      return {modelArtifactsInfo: {dateSaved: new Date(0), modelTopologyType: 'JSON'}};
    },
    async load() {
      return this.artifacts;
    },
  };
}

/** What is loaded of `artifacts` that were saved. */
async function roundTrip(artifacts: tf.io.ModelArtifacts, args: CompressedArgs) {
  const handler = compressed(memory(), args);
  await handler.save!(artifacts);
  return handler.load!();
}

/** The floats of the first weight, as tfjs's own loader decodes them. */
function firstWeight({weightData, weightSpecs}: tf.io.ModelArtifacts): Float32Array {
  const decoded = tf.io.decodeWeights(weightData!, weightSpecs!);
  const values = Object.values(decoded)[0].dataSync().slice() as Float32Array;
  tf.dispose(decoded);
  return values;
}

/** Weights of which `sparsity` are zero, of both signs. */
function pruned(size: number, sparsity: number, seed = 1): Float32Array {
  const next = random(seed);
  return distinct(size, seed).map((value) => (next() < sparsity ? 0 : value));
}

const LOSSY = {
  float16: {quantize: 'float16'},
  uint8: {quantize: 'uint8'},
  uint16: {quantize: 'uint16'},
  'packed float16': {format: 'packed', quantize: 'float16'},
  'packed uint8': {format: 'packed', quantize: 'uint8'},
  'packed codebook': {format: 'packed', quantize: {clusters: 16}},
} as const satisfies Record<string, CompressedArgs>;

describe('without rounding', () => {
  test.each(['tfjs', 'packed'] as const)('%s gives back any model to the bit', async (format) => {
    await fc.assert(
      fc.asyncProperty(models, async (artifacts) => {
        const loaded = await roundTrip(artifacts, {format, quantize: {}});
        expect(withoutData(loaded)).toEqual(withoutData(artifacts));
        expect(bytesOf(loaded.weightData).equals(bytesOf(artifacts.weightData))).toBe(true);
      }),
      {numRuns: 150},
    );
  });

  test('packed is the default, tfjs rounds to float16', async () => {
    const artifacts = modelOf(pruned(1000, 0.5));
    const loaded = await roundTrip(artifacts, {format: 'packed'});
    expect(firstWeight(loaded)).toEqual(firstWeight(artifacts));
    expect((await roundTrip(artifacts, {})).weightSpecs![0].quantization!.dtype).toBe('float16');
  });

  test('a model without weights, or a list of them, comes back', async () => {
    const artifacts = {modelTopology: {class_name: 'Sequential'}, format: 'layers-model'};
    for (const format of ['tfjs', 'packed'] as const) {
      const loaded = await roundTrip(artifacts, {format});
      expect(withoutData(loaded)).toEqual(artifacts);
      const empty = {...artifacts, weightSpecs: [], weightData: new ArrayBuffer(0)};
      expect(withoutData(await roundTrip(empty, {format}))).toEqual(withoutData(empty));
    }
  });

  test('fields of graph models and of training come back', async () => {
    const artifacts: tf.io.ModelArtifacts = {
      ...modelOf(Float32Array.of(1, 2)),
      format: 'graph-model',
      signature: {inputs: {x: {}}},
      modelInitializer: {node: []},
      initializerSignature: {outputs: {}},
      trainingConfig: {optimizer_config: {}, loss: 'mse'},
      userDefinedMetadata: {labels: ['ä', '漢']},
    };
    const loaded = await roundTrip(artifacts, {format: 'packed'});
    expect(withoutData(loaded)).toEqual(withoutData(artifacts));
  });
});

describe.each(Object.entries(LOSSY))('%s', (name, args) => {
  test.each([0, 0.5, 0.9, 0.99, 1])('of a weight with %d zeros keeps just these', async (share) => {
    const values = pruned(4000, share);
    const read = firstWeight(await roundTrip(modelOf(values, [40, 100]), args));
    const isZero = (value: number) => value === 0;
    expect(Array.from(read, isZero)).toEqual(Array.from(values, isZero));
  });

  test('rounds as it says', async () => {
    const values = pruned(4000, 0.5);
    const loaded = await roundTrip(modelOf(values), args);
    const read = firstWeight(loaded);
    const {scale} = loaded.weightSpecs![0].quantization ?? {};
    const limit = scale ? scale / 2 + 2 ** -24 : name.endsWith('codebook') ? 0.08 : 2 ** -11;
    const errors = read.map((value, i) => Math.abs(value - values[i]));
    expect(Math.max(...errors)).toBeLessThanOrEqual(limit);
    if (name.endsWith('codebook')) {
      expect(new Set(read).size).toBe(17);
    }
  });
});

describe('quantize', () => {
  const artifacts: tf.io.ModelArtifacts = {
    ...modelOf(new Float32Array(0)),
    weightSpecs: [
      {name: 'a/kernel', shape: [4, 1], dtype: 'float32'},
      {name: 'a/bias', shape: [1], dtype: 'float32'},
      {name: 'b.c/kernel', shape: [2, 1], dtype: 'float32'},
      {name: 'steps', shape: [1], dtype: 'int32'},
      {name: 'a/kernel/m', shape: [4], dtype: 'float32', group: 'optimizer'},
    ],
    weightData: Float32Array.of(1, -2, 0, 3, 0.5, 7, 8, 9, 1, 2, 3, 4).buffer,
  };
  const chosen = async (quantize: CompressedArgs['quantize']) => {
    const {weightSpecs} = await roundTrip(artifacts, {quantize});
    return weightSpecs!.map(({quantization}) => quantization?.dtype);
  };

  test('means floats of the model alone, and rounds vectors only where a pattern does', async () => {
    const none = undefined;
    expect(await chosen('uint8')).toEqual(['uint8', 'float16', 'uint8', none, none]);
    expect(await chosen('uint16')).toEqual(['uint16', 'float16', 'uint16', none, none]);
    expect(await chosen('float16')).toEqual(['float16', 'float16', 'float16', none, none]);
    expect(await chosen({'*': 'uint8'})).toEqual(['uint8', 'uint8', 'uint8', none, none]);
    expect(await chosen({'*': 'uint16'})).toEqual(['uint16', 'uint16', 'uint16', none, none]);
    expect(await chosen({})).toEqual([none, none, none, none, none]);
  });

  test('as a map takes the first pattern that matches', async () => {
    const none = undefined;
    expect(await chosen({'*bias': false, 'a*': 'uint8', '*': 'float16'})).toEqual([
      'uint8',
      none,
      'float16',
      none,
      none,
    ]);
    expect(await chosen({'b.c/kernel': 'uint8'})).toEqual([none, none, 'uint8', none, none]);
  });

  test.each([
    [{'bxc*': 'uint8'}, "patterns of names among a/kernel, a/bias, b.c/kernel, but got 'bxc*'"],
    [{steps: 'uint8'}, "but got 'steps'"],
    [{'a/kernel/m': 'uint8'}, "but got 'a/kernel/m'"],
  ] as const)('%p, which matches nothing, is refused by save', async (quantize, message) => {
    const handler = memory();
    const {message: received} = await errorOf(() =>
      compressed(handler, {quantize}).save!(artifacts),
    );
    expect(received).toContain(message);
    expect(handler.artifacts).toEqual({});
  });

  test.each([
    ['float16', 1e6, 'dense/kernel: expected magnitudes up to 65504'],
    ['uint8', NaN, 'dense/kernel: expected finite values'],
    ['uint16', Infinity, 'dense/kernel: expected finite values'],
  ] as const)('%s of %d is refused, and nothing is saved', async (quantize, value, message) => {
    const directory = newDirectory();
    const save = () => compressed(directory, {quantize}).save!(modelOf(Float32Array.of(0, value)));
    expect((await errorOf(save)).message).toContain(message);
    expect(filesIn(directory)).toEqual([]);
  });

  const vectorOf = (
    value: number,
    quantization?: {dtype: 'uint8'; scale: number; min: number},
  ) => ({
    ...modelOf(new Float32Array(0)),
    weightSpecs: [
      {name: 'dense/kernel', shape: [2, 1], dtype: 'float32' as const},
      {
        name: 'moving_variance',
        shape: [1],
        dtype: 'float32' as const,
        ...(quantization && {quantization}),
      },
    ],
    weightData: [
      Float32Array.of(0, 1).buffer,
      (quantization ? Uint8Array.of(value) : Float32Array.of(value)).buffer,
    ],
  });

  test.each([
    ['uint8', 65504, 'float16'],
    ['uint8', 65520, undefined],
    ['float16', -1e6, undefined],
    ['uint16', Infinity, 'float16'],
  ] as const)('%s leaves a vector with %d in %p', async (quantize, value, expected) => {
    const loaded = await roundTrip(vectorOf(value), {quantize});
    const {moving_variance} = tf.io.decodeWeights(loaded.weightData!, loaded.weightSpecs!);
    expect(loaded.weightSpecs!.map(({quantization}) => quantization?.dtype)).toEqual([
      quantize,
      expected,
    ]);
    expect([...moving_variance.dataSync()]).toEqual([value]);
  });

  /** A model of few words beside its normalizations and depthwise kernels, which are most of it. */
  function separable(): tf.io.ModelArtifacts {
    const next = random(5);
    const bell = () => next() + next() + next() + next() - 2;
    const weights = [96, 128].flatMap((channels, i) => {
      const vector = (name: string, value: () => number) => ({
        spec: {name: `norm_${i}/${name}`, shape: [channels], dtype: 'float32' as const},
        values: Array.from({length: channels}, value),
      });
      const kernel = (name: string, shape: number[], value: () => number) => ({
        spec: {name, shape, dtype: 'float32' as const},
        values: Array.from({length: shape.reduce((a, b) => a * b)}, value),
      });
      return [
        kernel(`depthwise_${i}/depthwise_kernel`, [3, 3, channels, 1], () => bell() / 3),
        vector('gamma', () => 1 + bell() / 20),
        vector('beta', () => bell() / 5),
        kernel(`conv_${i}/kernel`, [1, 1, channels, channels], () =>
          next() < 0.9 ? 0 : bell() / 10,
        ),
        vector('moving_mean', bell),
        vector('moving_variance', () => (1 + bell() / 3) / 2),
      ];
    });
    return {
      ...modelOf(new Float32Array(0)),
      weightSpecs: weights.map(({spec}) => spec),
      weightData: Float32Array.from(weights.flatMap(({values}) => values)).buffer,
    };
  }

  test.each(['uint8', {clusters: 16}] as const)(
    '%j takes 3 % more in packed files than if it rounded all weights to uint8, at most',
    async (quantize) => {
      const sizeOf = async (quantize: CompressedArgs['quantize']) => {
        const handler = memory();
        await compressed(handler, {format: 'packed', quantize}).save!(separable());
        return bytesOf(handler.artifacts.weightData).length;
      };
      expect(await sizeOf(quantize)).toBeLessThan(1.03 * (await sizeOf({'*': 'uint8'})));
    },
  );

  test('uint8 leaves sensitive weights within 1.6 % of what they were, uint16 within 0.05 %', async () => {
    const {weightSpecs, weightData} = separable();
    const before = tf.io.decodeWeights(weightData as ArrayBuffer, weightSpecs!);
    for (const [quantize, most] of [
      ['uint8', 2 ** -6],
      ['uint16', 2 ** -11],
    ] as const) {
      const loaded = await roundTrip(separable(), {quantize});
      const after = tf.io.decodeWeights(loaded.weightData as ArrayBuffer, loaded.weightSpecs!);
      for (const {name, quantization} of loaded.weightSpecs!) {
        if (quantization!.dtype === 'float16') {
          const values = after[name].dataSync();
          const own = before[name].dataSync();
          const channels = before[name].shape.slice(-2).reduce((product, size) => product * size);
          own.forEach((value, i) => {
            // Of itself; a filter's of the largest of its channel.
            const largest = name.endsWith('depthwise_kernel')
              ? Math.max(...own.filter((_, j) => j % channels === i % channels).map(Math.abs))
              : Math.abs(value);
            expect(Math.abs(values[i] - value)).toBeLessThanOrEqual(most * largest + 2e-6);
          });
        }
      }
      tf.dispose(after);
    }
    tf.dispose(before);
  });

  test('leaves a vector that was rounded before as it was', async () => {
    const grid = {dtype: 'uint8' as const, scale: 2, min: 0};
    for (const quantize of ['uint8', 'uint16', 'float16'] as const) {
      const {weightSpecs} = await roundTrip(vectorOf(3, grid), {quantize});
      expect(weightSpecs!.map(({quantization}) => quantization)).toMatchObject([
        {dtype: quantize},
        grid,
      ]);
    }
    const {weightSpecs} = await roundTrip(vectorOf(3, grid), {quantize: {'*': 'float16'}});
    expect(weightSpecs![1].quantization).toEqual({dtype: 'float16'});
  });

  test('shares values of kernels alone', async () => {
    const values = distinct(40, 1);
    const artifacts = {
      ...modelOf(values),
      weightSpecs: [
        {name: 'depthwise_kernel', shape: [2, 10], dtype: 'float32' as const},
        {name: 'pointwise_kernel', shape: [2, 10], dtype: 'float32' as const},
      ],
    };
    const args = {format: 'packed', quantize: {clusters: 2}} as const;
    const loaded = await roundTrip(artifacts, args);
    const decoded = tf.io.decodeWeights(loaded.weightData!, loaded.weightSpecs!);
    const count = (name: string) => new Set(decoded[name].dataSync()).size;
    expect(['depthwise_kernel', 'pointwise_kernel'].map(count)).toEqual([20, 2]);
  });

  test('clusters of NaN are refused', async () => {
    const args = {format: 'packed', quantize: {clusters: 2}} as const;
    const {message} = await errorOf(() => roundTrip(modelOf(Float32Array.of(0, NaN, 1)), args));
    expect(message).toBe('dense/kernel: expected finite values, to share them, but got NaN.');
  });
});

describe('a model', () => {
  let net: Sequential;
  let x: tf.Tensor;
  beforeAll(() => {
    const all = [
      layers.conv2d({inputShape: [6, 6, 2], filters: 3, kernelSize: 3, activation: 'relu'}),
      layers.batchNormalization(),
      layers.flatten(),
      layers.dense({units: 5}),
    ];
    net = fillKernels(sequential({layers: all}));
    x = tf.randomNormal([4, 6, 6, 2], 0, 1, 'float32', 1);
  });
  const predict = (model: LayersModel) =>
    tf.tidy(() => Array.from((model.predict(x) as tf.Tensor).dataSync()));
  const expectSame = (received: number[], error: number) =>
    predict(net).forEach((value, i) => expect(Math.abs(received[i] - value)).toBeLessThan(error));

  test.each([
    [{}, 0.02],
    [{quantize: 'uint16'}, 0.01],
    [{quantize: 'uint8', shardBytes: 100}, 0.6],
  ] as const)('saved with %p is loaded by tfjs as it is', async (args, error) => {
    const directory = newDirectory();
    await net.save(compressed(`file://${directory}`, args));
    // What the stock loader fetches from a server, from disk.
    const fetchFunc = async (url: string) => {
      const bytes = readFileSync(join(directory, url.replace('https://a.site/', '')));
      return {
        ok: true,
        json: async () => JSON.parse(bytes.toString()),
        arrayBuffer: async () => Uint8Array.from(bytes).buffer,
      };
    };
    const load = loadLayersModel(
      tf.io.http('https://a.site/model.json', {fetchFunc: fetchFunc as never}),
    );
    expectSame(predict(await load), error);
    const local = await loadLayersModel(compressed(directory));
    expectSame(predict(local), error);
  });

  test('packed in a file is loaded by either handler, and by its bytes', async () => {
    const file = join(newDirectory(), 'made', 'model.tfpack');
    const {modelArtifactsInfo} = await net.save(compressed(file, {format: 'packed'}));
    const bytes = readFileSync(file);
    expect(modelArtifactsInfo.weightDataBytes).toBe(bytes.length);
    expect(filesIn(join(file, '..'))).toEqual(['model.tfpack']);
    const fractions: number[] = [];
    const onProgress = (fraction: number) => fractions.push(fraction);
    for (const handler of [
      compressed(`file://${file}`, {format: 'packed', onProgress}),
      packed(bytes, {onProgress}),
    ]) {
      const copy = await loadLayersModel(handler);
      expect(predict(copy)).toEqual(predict(net));
      expect(fractions.slice().sort()).toEqual(fractions);
      expect(fractions.splice(0).pop()).toBe(1);
    }
  });

  test('by a name that ends with .tfpack, and is told from a model.json', async () => {
    const directory = newDirectory();
    const [named, other] = ['model.tfpack', 'model.bin'].map((name) => join(directory, name));
    await net.save(compressed(named));
    await net.save(compressed(other, {format: 'packed'}));
    expect(readFileSync(named)).toEqual(readFileSync(other));
    expect(predict(await loadLayersModel(compressed(named)))).toEqual(predict(net));
    const {message} = await errorOf(() => compressed(other).load!());
    expect(message).toContain("a model.json, or the format 'packed', but got 'a packed file'");
  });

  test('with its optimizer trains on as it would have', async () => {
    const model = sequential({layers: [layers.dense({inputShape: [3], units: 2})]});
    model.compile({optimizer: tf.train.adam(0.1), loss: 'meanSquaredError'});
    const [inputs, targets] = [tf.randomNormal([8, 3]), tf.randomNormal([8, 2])];
    await model.fit(inputs, targets, {epochs: 3, verbose: 0});
    const handler = compressed(memory(), {format: 'packed'});
    await model.save(handler, {includeOptimizer: true});
    const copy = await loadLayersModel(handler);
    expect(copy.optimizer.iterations).toBe(model.optimizer.iterations);
    const options = {epochs: 2, verbose: 0, shuffle: false} as const;
    const {history} = await model.fit(inputs, targets, options);
    expect((await copy.fit(inputs, targets, options)).history.loss).toEqual(history.loss);
  });

  test('saved again replaces the old one, and a failure leaves it', async () => {
    const file = join(newDirectory(), 'model.tfpack');
    writeFileSync(join(file, '..', 'model.tfjs-prune-0123456789abcdef.tfpack'), 'left by a kill');
    const handler = compressed(file, {format: 'packed'});
    await handler.save!(modelOf(Float32Array.of(1, 2)));
    await handler.save!(modelOf(Float32Array.of(3, 4)));
    const broken = {...modelOf(Float32Array.of(5)), weightData: new ArrayBuffer(3)};
    expect((await errorOf(() => handler.save!(broken))).message).toContain('expected 4 bytes');
    expect([...firstWeight(await handler.load!())]).toEqual([3, 4]);
    expect(filesIn(join(file, '..'))).toEqual(['model.tfpack']);
  });
});

describe('targets', () => {
  const artifacts = modelOf(pruned(1000, 0.9));

  test('of tfjs schemes are looked up as tfjs does', async () => {
    const handler = memory();
    tf.io.registerSaveRouter((url) => (`${url}`.startsWith('mine://') ? handler : null) as never);
    tf.io.registerLoadRouter((url) => (`${url}`.startsWith('mine://') ? handler : null) as never);
    for (const format of ['tfjs', 'packed'] as const) {
      await compressed('mine://model', {format, quantize: {}}).save!(artifacts);
      expect(handler.artifacts.format === 'layers-model').toBe(format === 'tfjs');
      const loaded = await compressed('mine://model', {format}).load!();
      expect(firstWeight(loaded)).toEqual(firstWeight(artifacts));
    }
    const {message} = await errorOf(() => compressed('theirs://model').save!(artifacts));
    expect(message).toContain("a URL of a scheme that tfjs knows, but got 'theirs://model'");
  });

  test('that are addresses are fetched, in browsers paths too', async () => {
    const file = join(newDirectory(), 'model.tfpack');
    await compressed(file, {format: 'packed'}).save!(artifacts);
    const fetched: unknown[] = [];
    const before = globalThis.fetch;
    globalThis.fetch = async (address) => {
      fetched.push(address);
      return new Response(readFileSync(file));
    };
    try {
      for (const handler of [
        compressed('https://a.site/model.tfpack', {format: 'packed'}),
        inBrowser('models/model.tfpack', {format: 'packed'}),
      ]) {
        expect(firstWeight(await handler.load!())).toEqual(firstWeight(artifacts));
      }
    } finally {
      globalThis.fetch = before;
    }
    expect(fetched).toEqual(['https://a.site/model.tfpack', 'models/model.tfpack']);
  });

  test('report progress, at last 1', async () => {
    const directory = newDirectory();
    await compressed(directory).save!(artifacts);
    const onProgress = jest.fn();
    await compressed(directory, {onProgress}).load!();
    expect(onProgress.mock.calls).toEqual([[1]]);
  });

  test('lay out files as fileSystem does', async () => {
    const [ours, theirs] = [newDirectory(), newDirectory()];
    const layout = {shardBytes: 1024, precompress: ['gzip']} as const;
    await compressed(ours, {...layout, quantize: {}}).save!(artifacts);
    await fileSystem(theirs, layout).save!(artifacts);
    expect(filesIn(ours)).toEqual(filesIn(theirs));
    expect(readModelJSON(ours)).toEqual(readModelJSON(theirs));
  });
});

test.each([
  [42, {}, 'target: expected a URL, a path or an IOHandler, but got 42.'],
  [{}, {}, 'target: expected a URL, a path or an IOHandler'],
  ['', {}, 'path: expected a directory or the path of a model.json'],
  ['x', null, 'compressed: expected an object of options, but got null.'],
  ['x', {fromat: 'packed'}, 'compressed: expected options among format, quantize'],
  ['x', {format: 'zip'}, "format: expected 'tfjs' or 'packed', but got 'zip'."],
  ['x', {onProgress: 1}, 'onProgress: expected a function, but got 1.'],
  ['x', {quantize: 'int8'}, "quantize: expected 'uint8' or 'uint16' or 'float16', but got 'int8'."],
  ['x', {quantize: 8}, 'quantize: expected uint8, uint16, float16, {clusters}, or a map'],
  ['x', {quantize: {a: 'int4'}}, "quantize['a']: expected 'uint8' or 'uint16' or 'float16'"],
  ['x', {quantize: {clusters: 16}}, "quantize: expected clusters with the format 'packed' only"],
  ['x', {format: 'packed', quantize: {clusters: 1}}, 'quantize.clusters: expected an integer'],
  ['x', {format: 'packed', quantize: {clusters: 257}}, 'quantize.clusters: expected at most 256'],
  ['x', {format: 'packed', quantize: {a: {clusters: 2, x: 1}}}, "quantize['a']: expected options"],
  ['x', {format: 'packed', quantize: {clusters: 2, init: 'x'}}, 'quantize.init: expected'],
  ['x', {format: 'packed', shardBytes: 1}, "shardBytes: expected none in the format 'packed'"],
  ['x', {format: 'packed', precompress: []}, "precompress: expected none in the format 'packed'"],
  ['x', {shardBytes: 0}, 'shardBytes: expected an integer of at least 1, but got 0.'],
  ['x', {precompress: 'br'}, "precompress: expected a list of gzip, br, but got 'br'."],
  ['x', {precompress: ['zip']}, "precompress: expected 'gzip' or 'br', but got 'zip'."],
  ['indexeddb://x', {shardBytes: 9}, 'shardBytes: expected none except for files on Node'],
])('compressed(%p, %p) is refused', async (target, args, message) => {
  const error = await errorOf(() => compressed(target as never, args as never));
  expect(error.message).toContain(message);
});

test('a handler that cannot do what is asked is told of', async () => {
  const load = () => compressed({save: memory().save}).load!();
  expect((await errorOf(load)).message).toContain('target: expected a handler that can load');
  const save = () => compressed({load: memory().load}).save!(modelOf(Float32Array.of(1)));
  expect((await errorOf(save)).message).toContain('target: expected a handler that can save');
});

test('a constant of a graph that is one number is left as it is', async () => {
  let saved: tf.io.ModelArtifacts | undefined;
  const memory: tf.io.IOHandler = {
    save: async (given) => {
      saved = given;
      return {modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(given)};
    },
  };
  const values = Float32Array.of(-Infinity, 1, 2, 3, 4);
  await compressed(memory, {quantize: 'uint8'}).save!({
    modelTopology: {node: []},
    weightSpecs: [
      {name: 'padding', shape: [], dtype: 'float32'},
      {name: 'kernel', shape: [2, 2], dtype: 'float32'},
    ],
    weightData: values.buffer,
  });
  const [padding, kernel] = saved!.weightSpecs!;
  expect([padding.quantization, kernel.quantization?.dtype]).toEqual([undefined, 'uint8']);
  const loaded = tf.io.decodeWeights(saved!.weightData!, saved!.weightSpecs!);
  expect(await loaded.padding.data()).toEqual(Float32Array.of(-Infinity));
});
