import {loadGraphModel} from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';
import {sparsify} from 'tfjs-prune/wasm';

import {MODELS} from '../../examples/mnist/models';
import {kernelsNow, use} from './kernel_sets';
import {mobileNet} from './mobilenet';
import {mobileNetGraph} from './mobilenet_graph';
import {race} from './race';
import {sparseKernel} from './weights';

/** What LayersModels and GraphModels share. */
interface Model {
  predict(x: tf.Tensor): unknown;
  dispose(): unknown;
}

/** A network, made with a share of zeros in blocks of its large kernels. */
export interface Network {
  readonly name: string;
  /** Of the input, with the batch. */
  readonly shape: readonly number[];
  make(sparsity: number, block: number): Promise<Model>;
}

/** Weights of fewer numbers are left dense. */
const LEAST_WEIGHTS = 500;

const isPointwise = ([height, width, ...rest]: number[]) =>
  height === 1 && width === 1 && rest.length === 2;
const isLarge = (shape: number[]) => tf.util.sizeFromShape(shape) >= LEAST_WEIGHTS;

function layersModel(
  name: string,
  shape: readonly number[],
  makeModel: () => LayersModel,
  isPruned: (shape: number[]) => boolean,
): Network {
  return {
    name,
    shape,
    make: async (sparsity, block) => {
      const model = makeModel();
      for (const [i, weight] of model.weights.entries()) {
        const shape = weight.shape as number[];
        if (shape.length > 1 && isPruned(shape)) {
          const neighbors = shape[shape.length - 1] % block === 0 ? block : 1;
          const value = tf.tensor(sparseKernel(shape, sparsity, neighbors, i + 1), shape);
          weight.write(value);
          value.dispose();
        }
      }
      return model;
    },
  };
}

function graphModel(name: string, width: number, side: number): Network {
  return {
    name,
    shape: [1, side, side, 3],
    make: async (sparsity, block) =>
      loadGraphModel(tf.io.fromMemory(mobileNetGraph(width, side, sparsity, block))),
  };
}

/** Each as it is used. */
export const NETWORKS: readonly Network[] = [
  ...(
    [
      [1, 224],
      [0.25, 224],
      [1, 96],
      [0.25, 96],
    ] as const
  ).flatMap(([width, side]) => [
    graphModel(`GraphModel MobileNetV1 ${width}/${side}`, width, side),
    layersModel(
      `LayersModel MobileNetV1 ${width}/${side}`,
      [1, side, side, 3],
      () => mobileNet(width, side),
      isPointwise,
    ),
  ]),
  ...[32, 1].map((batch) =>
    layersModel(
      `ResNet, batch ${batch}`,
      [batch, 28, 28, 1],
      () => MODELS.resnet(1),
      (shape) => shape.length === 4 && isLarge(shape),
    ),
  ),
  ...[32, 1].map((batch) =>
    layersModel(`LeNet-5, batch ${batch}`, [batch, 28, 28, 1], () => MODELS.lenet5(1), isLarge),
  ),
  ...[100, 1].map((batch) =>
    layersModel(`LeNet-300-100, batch ${batch}`, [batch, 28, 28, 1], () => MODELS.mlp(1), isLarge),
  ),
];

/** A network's time with the kernels of tfjs and of this library. */
export interface MeasuredNetwork {
  denseMs: number;
  sparseMs: number;
  times: number;
  /** Of the outputs of both. */
  largestDifference: number;
  /** Bytes of the sparse forms by those of the weights that have one. */
  memory: number;
}

export async function measureNetwork(
  {shape, make}: Network,
  sparsity: number,
  block: number,
  rounds: number,
): Promise<MeasuredNetwork> {
  const stock = kernelsNow();
  const model = await make(sparsity, block);
  const x = tf.randomUniform(shape as number[]);
  // Not in a tidy, which would search the numbers for tensors.
  const predict = () => {
    const y = model.predict(x) as tf.Tensor;
    const values = y.dataSync<'float32'>();
    y.dispose();
    return values;
  };
  const dense = predict();
  const handle = await sparsify(model as unknown as LayersModel);
  const sparse = kernelsNow();
  const differences = predict().map((value, i) => Math.abs(value - dense[i]));
  const {dense: own, sparse: ours} = race(
    {
      dense: {before: () => use(stock), run: predict},
      sparse: {before: () => use(sparse), run: predict},
    },
    rounds,
  );
  const weights = handle.layers
    .filter(({kernel}) => kernel !== 'dense')
    .reduce((sum, {shape}) => sum + 4 * tf.util.sizeFromShape(shape), 0);
  const memory = handle.bytes / weights;
  use(stock);
  handle.dispose();
  model.dispose();
  x.dispose();
  return {
    denseMs: own.ms,
    sparseMs: ours.ms,
    times: ours.times,
    largestDifference: differences.reduce((most, value) => Math.max(most, value), 0),
    memory,
  };
}
