import {initializers, layers, type LayersModel, sequential} from '@tensorflow/tfjs-layers';

import {WORDS} from './data';

/** How large a word's vector is. */
export const DIMENSIONS = 32;

/** Models that read mails of `length` words, and say how likely each is spam. */
export const MODELS = {
  pool: (length: number, seed: number): LayersModel =>
    sequential({
      layers: [
        embedding(length, seed),
        layers.globalAveragePooling1d({}),
        layers.dense({
          units: 32,
          activation: 'relu',
          kernelInitializer: initializers.glorotUniform({seed: seed + 1}),
          name: 'dense',
        }),
        spam(seed),
      ],
    }),
  conv: (length: number, seed: number): LayersModel =>
    sequential({
      layers: [
        embedding(length, seed),
        layers.conv1d({
          filters: 32,
          kernelSize: 5,
          activation: 'relu',
          kernelInitializer: initializers.glorotUniform({seed: seed + 1}),
          name: 'conv',
        }),
        layers.globalMaxPooling1d({}),
        spam(seed),
      ],
    }),
  lstm: (length: number, seed: number): LayersModel =>
    sequential({
      layers: [
        embedding(length, seed),
        layers.lstm({
          units: 32,
          kernelInitializer: initializers.glorotUniform({seed: seed + 1}),
          recurrentInitializer: initializers.glorotUniform({seed: seed + 2}),
          name: 'lstm',
        }),
        spam(seed),
      ],
    }),
} as const;

/** A name of one of `MODELS`. */
export type ModelName = keyof typeof MODELS;

function embedding(inputLength: number, seed: number) {
  return layers.embedding({
    inputDim: WORDS,
    outputDim: DIMENSIONS,
    inputLength,
    embeddingsInitializer: initializers.randomUniform({minval: -0.05, maxval: 0.05, seed}),
    name: 'words',
  });
}

function spam(seed: number) {
  const kernelInitializer = initializers.glorotUniform({seed: seed + 3});
  return layers.dense({units: 1, activation: 'sigmoid', kernelInitializer, name: 'spam'});
}
