import {readFileSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';

import * as tf from '@tensorflow/tfjs-core';
import {input, layers, loadLayersModel, model, sequential} from '@tensorflow/tfjs-layers';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import {fileSystem} from '../../../lib/files/node/index';
import {backendName} from '../../setup/backend';
import {artifactsOf, errorOf, filesIn, readModelJSON, temporaryDirectories} from './support';

const newDirectory = temporaryDirectories();

function makeModel(units = 5): LayersModel {
  return sequential({
    layers: [
      layers.conv2d({inputShape: [6, 6, 2], filters: 3, kernelSize: 3, activation: 'relu'}),
      layers.batchNormalization(),
      layers.flatten(),
      layers.dense({units, activation: 'softmax'}),
    ],
  });
}

function predict(net: LayersModel, x: tf.Tensor): number[] {
  return tf.tidy(() => Array.from((net.predict(x) as tf.Tensor).dataSync()));
}

/** Everything but the weights' bytes, which are compared on their own. */
function withoutData({weightData, ...rest}: tf.io.ModelArtifacts) {
  expect(weightData).toBeDefined();
  return JSON.parse(JSON.stringify(rest));
}

function bytesOf(data: tf.io.WeightData | undefined): Buffer {
  return Buffer.concat([data!].flat().map((part) => Buffer.from(part)));
}

describe('round trip', () => {
  test.each(['directory', 'model.json', 'file:// directory', 'file:// model.json'])(
    'of a layers model, loaded by its %s, predicts the same bits',
    async (kind) => {
      const directory = join(newDirectory(), 'made', 'on demand');
      const net = makeModel();
      const x = tf.randomNormal([4, 6, 6, 2], 0, 1, 'float32', 1);
      await net.save(fileSystem(directory));
      expect(filesIn(directory)).toEqual(['model.json', 'weights.bin']);

      const path = kind.endsWith('json') ? join(directory, 'model.json') : directory;
      const copy = await loadLayersModel(
        fileSystem(kind.startsWith('file') ? `file://${path}` : path),
      );
      expect(predict(copy, x)).toEqual(predict(net, x));
    },
  );

  test('of a model with branches and a shared layer', async () => {
    const directory = newDirectory();
    const shared = layers.dense({units: 3});
    const inputs = [input({shape: [4]}), input({shape: [4]})];
    const joined = inputs.map((one) => shared.apply(one) as tf.Tensor);
    const net = model({
      inputs,
      outputs: layers.add().apply(joined as never) as never,
    });
    await net.save(fileSystem(directory));
    const copy = await loadLayersModel(fileSystem(directory));
    const x = [tf.randomNormal([2, 4]), tf.randomNormal([2, 4])];
    const [expected, received] = [net, copy].map((one) => (one.predict(x) as tf.Tensor).dataSync());
    expect(received).toEqual(expected);
  });

  test('with the optimizer continues training where it stopped', async () => {
    const directory = newDirectory();
    const net = sequential({layers: [layers.dense({inputShape: [3], units: 2})]});
    net.compile({optimizer: tf.train.adam(0.1), loss: 'meanSquaredError', metrics: ['mse']});
    const x = tf.randomNormal([8, 3]);
    const y = tf.randomNormal([8, 2]);
    await net.fit(x, y, {epochs: 3, verbose: 0});
    await net.save(fileSystem(directory), {includeOptimizer: true});
    expect(readModelJSON(directory).trainingConfig).toMatchObject({loss: 'mean_squared_error'});

    const copy = await loadLayersModel(fileSystem(directory));
    expect(copy.optimizer.iterations).toBe(net.optimizer.iterations);
    const options = {epochs: 2, verbose: 0, shuffle: false} as const;
    const {history: expected} = await net.fit(x, y, options);
    const {history: received} = await copy.fit(x, y, options);
    expect(received.loss).toEqual(expected.loss);
  });

  test('of an overwritten model gives the new one, of another size', async () => {
    const directory = newDirectory();
    const x = tf.ones([1, 6, 6, 2]);
    await makeModel(50).save(fileSystem(directory));
    for (const units of [5, 20]) {
      const net = makeModel(units);
      await net.save(fileSystem(directory));
      expect(filesIn(directory)).toEqual(['model.json', 'weights.bin']);
      expect(predict(await loadLayersModel(fileSystem(directory)), x)).toEqual(predict(net, x));
    }
  });

  test('of every field and dtype', async () => {
    const directory = newDirectory();
    const weights = {
      float32: tf.tensor([1.5, -0, Number.NaN, Infinity]),
      int32: tf.tensor2d([[-1, 2 ** 31 - 1]], undefined, 'int32'),
      bool: tf.tensor1d([true, false, true], 'bool'),
      string: tf.tensor1d(['', 'ab', 'é漢'], 'string'),
      scalar: tf.scalar(7),
      empty: tf.zeros([0, 3]),
    };
    const {data, specs} = await tf.io.encodeWeights(weights);
    const artifacts: tf.io.ModelArtifacts = {
      ...artifactsOf(1),
      weightSpecs: [
        ...specs,
        {
          name: 'q',
          shape: [3],
          dtype: 'float32',
          quantization: {dtype: 'uint16', scale: 2, min: -1},
        },
        {name: 'c', shape: [2], dtype: 'complex64'},
      ],
      weightData: [
        data,
        new Uint16Array([0, 1, 65535]).buffer,
        new Float32Array([1, 3, 2, 4]).buffer,
      ],
      trainingConfig: {optimizer_config: {}, loss: 'mse'},
      signature: {inputs: {}},
      modelInitializer: {node: []},
      initializerSignature: {outputs: {}},
    };
    await fileSystem(directory).save!(artifacts);
    const loaded = await fileSystem(directory).load!();
    expect(withoutData(loaded)).toEqual(withoutData(artifacts));
    expect(bytesOf(loaded.weightData)).toEqual(bytesOf(artifacts.weightData));

    // Complex tensors are beyond the wasm backend.
    const decoded = tf.io.decodeWeights(loaded.weightData!, loaded.weightSpecs!.slice(0, -1));
    for (const [name, tensor] of Object.entries(weights)) {
      expect(decoded[name].dataSync()).toEqual(tensor.dataSync());
      expect(decoded[name].shape).toEqual(tensor.shape);
    }
    expect(Array.from(decoded.q.dataSync())).toEqual([-1, 1, 131069]);
  });

  test('of a model without weights', async () => {
    const directory = newDirectory();
    const net = sequential({layers: [layers.flatten({inputShape: [2, 2]})]});
    const {modelArtifactsInfo} = await net.save(fileSystem(directory));
    expect(modelArtifactsInfo.weightDataBytes).toBe(0);
    const copy = await loadLayersModel(fileSystem(directory));
    expect(predict(copy, tf.ones([1, 2, 2]))).toEqual([1, 1, 1, 1]);

    const {modelTopology} = artifactsOf(1);
    await fileSystem(directory).save!({modelTopology});
    expect(await fileSystem(directory).load!()).toMatchObject({modelTopology, weightSpecs: []});
  });
});

describe('weightData', () => {
  const whole = new Uint8Array(Array.from({length: 40}, (_, i) => i));
  const part = (start: number, end: number) => whole.buffer.slice(start, end);

  test.each<[string, unknown]>([
    ['one ArrayBuffer', part(0, 40)],
    ['equal ArrayBuffers', [part(0, 20), part(20, 40)]],
    ['ArrayBuffers of which the last is longest', [part(0, 3), part(3, 40)]],
    ['empty ArrayBuffers among others', [part(0, 0), part(0, 39), part(0, 0), part(39, 40)]],
    ['a view into a larger buffer', new Uint8Array([9, ...whole, 9]).subarray(1, 41)],
    ['a typed array', new Float32Array(part(0, 40))],
  ])('as %s is written in order', async (_, weightData) => {
    const directory = newDirectory();
    const {modelArtifactsInfo} = await fileSystem(directory).save!({
      ...artifactsOf(0, 10),
      weightData: weightData as tf.io.WeightData,
    });
    expect(modelArtifactsInfo.weightDataBytes).toBe(40);
    expect(new Uint8Array(readFileSync(join(directory, 'weights.bin')))).toEqual(whole);
  });

  test.each<[unknown, string]>([
    [
      new ArrayBuffer(12),
      'expected 16 bytes, the size of the weights that MODEL lists, but got 12.',
    ],
    [
      new ArrayBuffer(20),
      'expected 16 bytes, the size of the weights that MODEL lists, but got 20.',
    ],
    [undefined, 'expected 16 bytes, the size of the weights that MODEL lists, but got 0.'],
    [[16], 'expected weightData of ArrayBuffers, but got 16.'],
    ['abc', "expected weightData of ArrayBuffers, but got 'abc'."],
  ])('as %p is refused before anything is written', async (weightData, message) => {
    const directory = newDirectory();
    const error = await errorOf(() =>
      fileSystem(directory).save!({...artifactsOf(1), weightData: weightData as ArrayBuffer}),
    );
    const expected = message.replace('MODEL', join(directory, 'model.json'));
    expect(error.message).toBe(`${join(directory, 'weights.bin')}: ${expected}`);
    expect(filesIn(directory)).toEqual([]);
  });
});

test('save tells what it saved', async () => {
  const directory = newDirectory();
  const before = Date.now();
  const {modelArtifactsInfo: info} = await makeModel().save(fileSystem(directory));
  const {modelTopology, weightsManifest} = readModelJSON(directory);
  expect(info).toEqual({
    dateSaved: expect.any(Date),
    modelTopologyType: 'JSON',
    modelTopologyBytes: JSON.stringify(modelTopology).length,
    weightSpecsBytes: JSON.stringify(weightsManifest[0].weights).length,
    weightDataBytes: statSync(join(directory, 'weights.bin')).size,
  });
  expect(info.dateSaved.getTime()).toBeGreaterThanOrEqual(before);
});

test.each<[string, Partial<tf.io.ModelArtifacts>, string]>([
  [
    'a binary topology',
    {modelTopology: new ArrayBuffer(8)},
    'a modelTopology that is JSON, but got an instance of ArrayBuffer.',
  ],
  [
    'a topology in a Buffer',
    {modelTopology: Buffer.alloc(8)},
    'a modelTopology that is JSON, but got an instance of Buffer.',
  ],
  ['no topology', {modelTopology: undefined}, 'a modelTopology that is JSON, but got undefined.'],
  [
    'metadata that JSON lacks',
    {userDefinedMetadata: {size: BigInt(1) as never}},
    "artifacts that can be written as JSON, but got 'Do not know how to serialize a BigInt'.",
  ],
  [
    'an unknown dtype',
    {weightSpecs: [{name: 'w', shape: [4], dtype: 'int64' as never}]},
    'a dtype among float32, int32, bool, complex64, float16, uint16, uint8, string ' +
      "for the weight 'w', but got 'int64'.",
  ],
  [
    'an unknown size',
    {weightSpecs: [{name: 'w', shape: [null as never, 4], dtype: 'float32'}]},
    "a shape for the weight 'w', but got [null,4].",
  ],
])('refuses to save %s', async (_, part, message) => {
  const directory = newDirectory();
  const error = await errorOf(() => fileSystem(directory).save!({...artifactsOf(1), ...part}));
  expect(error.message).toBe(`${join(directory, 'model.json')}: expected ${message}`);
  expect(filesIn(directory)).toEqual([]);
});

test('refuses to save into a file', async () => {
  const file = join(newDirectory(), 'file');
  writeFileSync(file, '');
  for (const [path, got] of [
    [file, 'EEXIST: file already exists'],
    [join(file, 'below'), 'ENOTDIR: not a directory'],
  ]) {
    const error = await errorOf(() => fileSystem(path).save!(artifactsOf(1)));
    expect(error.message).toBe(`${path}: expected a directory, but got '${got}'.`);
    expect(error.cause).toMatchObject({syscall: 'mkdir'});
  }
});

// tfjs-node is no dependency: `npm run setup:tensorflow` brings it.
(backendName === 'tensorflow' ? describe : describe.skip)("tfjs-node's file://", () => {
  const url = (directory: string) => `file://${directory}`;

  test('loads what fileSystem saved, and the other way round', async () => {
    const [ours, theirs] = [newDirectory(), newDirectory()];
    const net = makeModel();
    net.compile({optimizer: tf.train.adam(), loss: 'categoricalCrossentropy'});
    net.setUserDefinedMetadata({labels: {a: 1}});
    await net.fit(tf.ones([2, 6, 6, 2]), tf.ones([2, 5]), {verbose: 0});
    await net.save(fileSystem(ours), {includeOptimizer: true});
    await net.save(url(theirs), {includeOptimizer: true});
    expect(filesIn(ours)).toEqual(filesIn(theirs));
    expect(readModelJSON(ours)).toEqual(readModelJSON(theirs));
    expect(readFileSync(join(ours, 'weights.bin'))).toEqual(
      readFileSync(join(theirs, 'weights.bin')),
    );

    const x = tf.randomNormal([3, 6, 6, 2]);
    const expected = predict(net, x);
    for (const from of [`${url(ours)}/model.json`, fileSystem(theirs)]) {
      const copy = await loadLayersModel(from);
      expect(predict(copy, x)).toEqual(expected);
      expect(copy.getUserDefinedMetadata()).toEqual({labels: {a: 1}});
      expect(copy.optimizer.iterations).toBe(net.optimizer.iterations);
    }
  });

  test('gives the same artifacts, of every field', async () => {
    const directory = newDirectory();
    const [handler] = tf.io.getLoadHandlers(`${url(directory)}/model.json`);
    await fileSystem(directory).save!({
      ...artifactsOf(1),
      trainingConfig: {optimizer_config: {}, loss: 'mse'},
      signature: {inputs: {}},
      modelInitializer: {node: []},
      initializerSignature: {outputs: {}},
    });
    expect(await fileSystem(directory).load!()).toEqual(await handler.load!());
  });

  test('overwrites what fileSystem saved, and the other way round', async () => {
    const directory = newDirectory();
    const x = tf.ones([1, 6, 6, 2]);
    for (const to of [fileSystem(directory), url(directory), fileSystem(directory)]) {
      const net = makeModel();
      await net.save(to);
      expect(filesIn(directory)).toEqual(['model.json', 'weights.bin']);
      expect(predict(await loadLayersModel(fileSystem(directory)), x)).toEqual(predict(net, x));
    }
  });
});
