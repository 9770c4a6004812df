import {copyFileSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';

import {tensor2d} from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  type LayersModel,
  model as makeModel,
  sequential,
} from '@tensorflow/tfjs-layers';
import {dump} from 'npyjs';

import {compressed} from '../../../lib/files/io';
import {fileSystem} from '../../../lib/files/node/index';
import {graphArtifacts} from '../graph';

/** What is damaged: files that commands take, each whole. */
export interface Originals {
  /** Folders with a `model.json`. */
  folders: string[];
  packed: string[];
  /** Data for `compare`. */
  data: string[];
  recipe: string;
  dataModule: string;
}

/** Writes small files of each kind into `folder`. */
export async function writeOriginals(folder: string): Promise<Originals> {
  const at = (name: string) => join(folder, name);
  const models: Record<string, LayersModel> = {
    cnn: cnn(),
    text: text(),
    mixed: mixed(),
    tiled: tiled(),
  };
  for (const [name, model] of Object.entries(models)) {
    await model.save(fileSystem(at(name)));
    await model.save(compressed(at(`${name}.tfpack`), {format: 'packed'}));
  }
  await models.cnn.save(compressed(at('uint8'), {quantize: 'uint8', shardBytes: 100}));
  await models.cnn.save(
    compressed(at('shared.tfpack'), {format: 'packed', quantize: {clusters: 4}}),
  );
  await fileSystem(at('graph')).save!(graphArtifacts());
  await compressed(at('graph16'), {quantize: 'float16'}).save!(graphArtifacts());
  Object.values(models).forEach((model) => model.weights.forEach((weight) => weight.dispose()));

  const images = new Uint8Array(dump(Float32Array.from({length: 256}, Math.sin), [4, 8, 8, 1]));
  const idx = Buffer.concat([
    Buffer.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 8, 0, 0, 0, 8),
    Buffer.alloc(128, 7),
  ]);
  const data = {'x.npy': images, 'x.npy.gz': gzipSync(images), idx, 'idx.gz': gzipSync(idx)};
  Object.entries(data).forEach(([name, bytes]) => writeFileSync(at(name), bytes));
  writeFileSync(at('recipe.json'), JSON.stringify(RECIPE));
  // Inside the checkout, so that it finds the packages.
  const module = join(import.meta.dirname, 'train_data.mjs');
  return {
    folders: ['cnn', 'text', 'mixed', 'uint8', 'graph', 'graph16'].map(at),
    packed: ['cnn.tfpack', 'text.tfpack', 'mixed.tfpack', 'shared.tfpack', 'tiled.tfpack'].map(at),
    data: Object.keys(data).map(at),
    recipe: at('recipe.json'),
    dataModule: module,
  };
}

/** Copies the files of a model into a new folder. */
export function copyFolder(from: string, to: string, names: readonly string[]): void {
  mkdirSync(to, {recursive: true});
  names.forEach((name) => copyFileSync(join(from, name), join(to, name)));
}

const RECIPE = {
  compile: {optimizer: 'sgd', loss: 'meanSquaredError'},
  steps: [
    {
      epochs: 1,
      PolynomialDecay: {initialSparsity: 0, finalSparsity: 0.5, beginStep: 0, endStep: 1},
      shrink: true,
    },
  ],
  pack: {format: 'packed', quantize: {clusters: 4}},
};

function cnn(): LayersModel {
  return sequential({
    layers: [
      layers.conv2d({filters: 4, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 1]}),
      layers.batchNormalization(),
      layers.depthwiseConv2d({kernelSize: 3}),
      layers.maxPooling2d({poolSize: 2}),
      layers.flatten(),
      layers.dense({units: 6, activation: 'softmax'}),
    ],
  });
}

function text(): LayersModel {
  return sequential({
    layers: [
      layers.embedding({inputDim: 7, outputDim: 4, inputLength: 5}),
      layers.bidirectional({
        layer: layers.lstm({units: 3, recurrentInitializer: 'glorotNormal'}) as never,
        mergeMode: 'concat',
      }),
      layers.dense({units: 2}),
    ],
  });
}

/** Of an embedding of which most words are zero, so that its packed file has tiles. */
function tiled(): LayersModel {
  const model = sequential({
    layers: [layers.embedding({inputDim: 500, outputDim: 8, inputLength: 5, name: 'words'})],
  });
  const words = Float32Array.from({length: 4000}, (_, i) => {
    const word = Math.floor(i / 8);
    return (word * word) % 7 < 2 ? Math.sin(i) : 0;
  });
  model.layers[0].setWeights([tensor2d(words, [500, 8])]);
  return model;
}

/** Branches, a nested model that is used twice, and a recurrent layer in it. */
function mixed(): LayersModel {
  const inner = sequential({
    layers: [
      layers.gru({
        units: 4,
        inputShape: [3, 4],
        recurrentInitializer: 'glorotNormal',
        returnSequences: true,
      }),
      layers.dense({units: 4}),
    ],
  });
  const x = input({shape: [3, 4]});
  const once = inner.apply(x) as typeof x;
  const sum = layers.add().apply([once, inner.apply(once) as typeof x]) as typeof x;
  const both = layers.concatenate().apply([sum, x]) as typeof x;
  const flat = layers.flatten().apply(both) as typeof x;
  return makeModel({inputs: x, outputs: layers.dense({units: 2}).apply(flat) as typeof x});
}
