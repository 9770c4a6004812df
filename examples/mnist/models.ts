import * as tfl from '@tensorflow/tfjs-layers';

type Layer = tfl.layers.Layer;

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
    /** Of the input's size divided by `strides`, without a bias: a normalization has one. */
    bareConv: (filters: number, kernelSize: number, strides = 1) =>
      tfl.layers.conv2d({
        filters,
        kernelSize,
        strides,
        padding: 'same',
        useBias: false,
        kernelInitializer: kernelInitializer(),
        ...(layer === 1 ? {inputShape} : {}),
      }),
    depthwise: (strides = 1) =>
      tfl.layers.depthwiseConv2d({
        kernelSize: 3,
        strides,
        padding: 'same',
        useBias: false,
        depthwiseInitializer: kernelInitializer(),
      }),
    norm: () => tfl.layers.batchNormalization(),
    relu: () => tfl.layers.reLU(),
    dense: (units: number, activation: 'relu' | 'softmax' = 'relu') =>
      tfl.layers.dense({units, activation, kernelInitializer: kernelInitializer()}),
    pool: () => tfl.layers.maxPooling2d({poolSize: 2}),
    globalPool: () => tfl.layers.globalAveragePooling2d({}),
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
  /** The CNN of the pruning tutorial for TensorFlow, 12 filters of 3x3: 20,410 parameters. */
  tutorial: (seed: number) => {
    const {conv, pool, flatten, dense} = seeded(seed);
    return tfl.sequential({layers: [conv(12, 3), pool(), flatten(), dense(10, 'softmax')]});
  },
  /** ResNet of three stages of two blocks, 16-32-64 channels: 174,970 trainable parameters. */
  resnet: (seed: number) => {
    const {bareConv, norm, relu, globalPool, dense} = seeded(seed);
    const block = (x: tfl.SymbolicTensor, filters: number, strides: number) => {
      const inner = chain(x, [bareConv(filters, 3, strides), norm(), relu()]);
      const residual = chain(inner, [bareConv(filters, 3), norm()]);
      const fits = strides === 1 && x.shape[3] === filters;
      const shortcut = fits ? x : chain(x, [bareConv(filters, 1, strides), norm()]);
      return chain(tfl.layers.add().apply([residual, shortcut]) as tfl.SymbolicTensor, [relu()]);
    };
    const input = tfl.input({shape: inputShape});
    let x = chain(input, [bareConv(16, 3), norm(), relu()]);
    for (const [filters, strides] of [
      [16, 1],
      [32, 2],
      [64, 2],
    ]) {
      x = block(block(x, filters, strides), filters, 1);
    }
    const outputs = chain(x, [globalPool(), dense(10, 'softmax')]);
    return tfl.model({inputs: input, outputs});
  },
  /** MLP of six residual blocks of two layers of 64 units: 100,810 parameters. */
  residual: (seed: number) => {
    const {flatten, dense} = seeded(seed);
    const input = tfl.input({shape: inputShape});
    let x = chain(input, [flatten(), dense(64)]);
    for (let block = 0; block < 6; ++block) {
      x = tfl.layers.add().apply([x, chain(x, [dense(64), dense(64)])]) as tfl.SymbolicTensor;
    }
    return tfl.model({inputs: input, outputs: chain(x, [dense(10, 'softmax')])});
  },
  /** Depthwise separable blocks as in MobileNetV1, 32-64-128-256: 134,634 trainable parameters. */
  mobilenet: (seed: number) => {
    const {bareConv, depthwise, norm, relu, globalPool, dense} = seeded(seed);
    const block = (filters: number, strides: number) => [
      ...[depthwise(strides), norm(), relu()],
      ...[bareConv(filters, 1), norm(), relu()],
    ];
    const stem = [bareConv(32, 3), norm(), relu()];
    const blocks = [block(64, 1), block(128, 2), block(128, 1), block(256, 2), block(256, 1)];
    const features = [...stem, ...blocks.flat(), globalPool()];
    return tfl.sequential({layers: [...features, dense(10, 'softmax')]});
  },
} satisfies Record<string, (seed: number) => tfl.LayersModel>;

export type ModelName = keyof typeof MODELS;

/** Compiles `model` with a new optimizer, whose steps count from 0. */
export function compile(model: tfl.LayersModel): void {
  model.compile({optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy']});
}

function chain(x: tfl.SymbolicTensor, layers: readonly Layer[]): tfl.SymbolicTensor {
  return layers.reduce((y, layer) => layer.apply(y) as tfl.SymbolicTensor, x);
}
