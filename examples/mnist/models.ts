import * as tfl from '@tensorflow/tfjs-layers';

const inputShape = [28, 28, 1];

/** Layers whose initial weights all come from one seed. */
function seeded(seed: number) {
  let layer = 0;
  const kernelInitializer = () => tfl.initializers.glorotUniform({seed: seed * 1000 + ++layer});
  return {
    conv: (filters: number, kernelSize: number) =>
      tfl.layers.conv2d({
        filters,
        kernelSize,
        activation: 'relu',
        kernelInitializer: kernelInitializer(),
        ...(layer === 1 ? {inputShape} : {}),
      }),
    dense: (units: number, activation: 'relu' | 'softmax' = 'relu') =>
      tfl.layers.dense({units, activation, kernelInitializer: kernelInitializer()}),
    pool: () => tfl.layers.maxPooling2d({poolSize: 2}),
    flatten: () => tfl.layers.flatten(layer === 0 ? {inputShape} : {}),
  };
}

/** The models of the example, each made from a seed. */
export const MODELS = {
  /** MLP 784-300-100-10, LeCun's LeNet-300-100: 266,610 parameters. */
  mlp: (seed: number) => {
    const {flatten, dense} = seeded(seed);
    return tfl.sequential({layers: [flatten(), dense(300), dense(100), dense(10, 'softmax')]});
  },
  /** The textbook's MLP 784-128-10: 101,770 parameters. */
  textbook: (seed: number) => {
    const {flatten, dense} = seeded(seed);
    return tfl.sequential({layers: [flatten(), dense(128), dense(10, 'softmax')]});
  },
  /** LeNet-5 of Caffe, 20-50-500-10: 431,080 parameters. */
  lenet5: (seed: number) => {
    const {conv, pool, flatten, dense} = seeded(seed);
    const features = [conv(20, 5), pool(), conv(50, 5), pool(), flatten()];
    return tfl.sequential({layers: [...features, dense(500), dense(10, 'softmax')]});
  },
  /** A small CNN, 8-16 filters of 3x3: 5,258 parameters. */
  cnn: (seed: number) => {
    const {conv, pool, flatten, dense} = seeded(seed);
    const features = [conv(8, 3), pool(), conv(16, 3), pool(), flatten()];
    return tfl.sequential({layers: [...features, dense(10, 'softmax')]});
  },
} as const;

export type ModelName = keyof typeof MODELS;

/** Compiles `model` with a new optimizer, whose steps count from 0. */
export function compile(model: tfl.LayersModel): void {
  model.compile({optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy']});
}
