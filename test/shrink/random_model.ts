import {ones, randomNormal, randomUniform, type Tensor, tidy} from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  model as makeModel,
  type LayersModel,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';

import {weightsOf} from '../../lib/model/layer_tree';
import {readWeight} from '../../lib/model/read_weight';
import {Random} from './random';
import {STEPS} from './random_layers';

/** A random functional model with random weights. */
export function randomModel(random: Random): LayersModel {
  const inputs: SymbolicTensor[] = [];
  const unused: SymbolicTensor[] = [];
  for (let i = random.integer(1, 2); i > 0; i--) {
    const [x, y] = random.pick([image, image, sequence, vector, tokens, video])(random);
    inputs.push(x);
    unused.push(y);
  }
  const all = [...unused];
  for (let i = random.integer(3, 9); i > 0; i--) {
    const x = random.chance(0.75) ? unused[unused.length - 1] : random.pick(all);
    const y = random.pick(STEPS[x.shape.length])(random, x);
    const elements = y.shape.slice(1).reduce<number>((size, each) => size * Number(each), 1);
    if (y === x || elements > 3000) {
      continue;
    }
    const at = unused.indexOf(x);
    if (at >= 0) {
      unused.splice(at, 1);
    }
    unused.push(y);
    all.push(y);
  }
  const outputs = unused.map((x) => output(random, x));
  const made = makeModel({inputs, outputs});
  randomizeWeights(made, random.integer(0, 1e9));
  return made;
}

/** A batch of two for each input. */
export function randomInputs(model: LayersModel, seed: number): Tensor[] {
  return model.inputs.map(({shape, dtype}, i) => {
    const size = [2, ...shape.slice(1)] as number[];
    return dtype === 'int32'
      ? randomUniform(size, 0, 6, 'int32', seed + i)
      : randomNormal(size, 0, 1, 'float32', seed + i);
  });
}

function output(random: Random, x: SymbolicTensor): SymbolicTensor {
  if (random.chance(0.2)) {
    return x;
  }
  const flat = x.shape.length > 2 ? layers.flatten().apply(x) : x;
  return layers.dense({units: 2}).apply(flat) as SymbolicTensor;
}

export function randomizeWeights(model: LayersModel, seed: number): void {
  weightsOf(model).forEach((variable, i) => {
    const shape = variable.shape as number[];
    tidy(() => {
      const value = variable.originalName.endsWith('moving_variance')
        ? randomUniform(shape, 0.5, 1.5, 'float32', seed + i)
        : randomNormal(shape, 0, 0.4, 'float32', seed + i);
      readWeight(variable).assign(shape.length === 0 ? ones([]) : (value as Tensor));
    });
  });
}

type Start = (random: Random) => [SymbolicTensor, SymbolicTensor];

const plain = (shape: number[]): [SymbolicTensor, SymbolicTensor] => {
  const x = input({shape});
  return [x, x];
};
const image: Start = (random) =>
  plain([random.integer(4, 7), random.integer(4, 7), random.integer(1, 3)]);
const sequence: Start = (random) => plain([random.integer(3, 5), random.integer(1, 4)]);
const vector: Start = (random) => plain([random.integer(1, 6)]);
const video: Start = (random) => plain([3, 4, 4, random.integer(1, 2)]);
const tokens: Start = (random) => {
  const x = input({shape: [4], dtype: 'int32'});
  const embedding = layers.embedding({
    inputDim: 6,
    outputDim: random.integer(1, 5),
    maskZero: random.chance(0.2),
  });
  return [x, embedding.apply(x) as SymbolicTensor];
};
