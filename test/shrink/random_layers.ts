import {serialization, sum, tanh, add, type Tensor, zerosLike} from '@tensorflow/tfjs-core';
import {
  layers,
  model as makeModel,
  input,
  sequential,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';

import {zeroSlices} from '../../lib/projection/effective_weight';
import {Channels, registerChannelRule} from '../../lib/rules';
import {Linear} from '../setup/own_layers';
import type {Random} from './random';

type T = SymbolicTensor;

/** From a tensor to another, with random layers between them. */
export type Step = (random: Random, x: T) => T;

const ACTIVATIONS = [
  'linear',
  'relu',
  'relu',
  'relu6',
  'elu',
  'selu',
  'sigmoid',
  'hardSigmoid',
  'softplus',
  'softsign',
  'tanh',
  'swish',
  'mish',
  'gelu',
  'gelu_new',
] as const;

/** A layer of a class without a channel rule, which mixes channels. */
class Opaque extends layers.Layer {
  static readonly className = 'Opaque';
  override call(inputs: Tensor | Tensor[]): Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs;
    return tanh(add(x, sum(x, -1, true)));
  }
  override computeOutputShape(shape: number[]): number[] {
    return shape;
  }
}
serialization.registerClass(Opaque);

/** A layer with a rule of its own. */
class OwnDense extends Linear {
  static override readonly className: string = 'FuzzDense';
}
serialization.registerClass(OwnDense);
registerChannelRule('FuzzDense', ({layer, inputs: [x], shapes: [shape], graph}) => {
  const {kernel} = layer as OwnDense;
  const ids = graph.fresh(kernel.shape[1] as number);
  graph.consume(layer, x, {variable: kernel, axis: 0});
  graph.bind(layer, kernel, 1, ids, 'producer');
  graph.resize(layer, 'units', ids);
  return new Channels(shape, 1, ids, () => {
    const fixed = zeroSlices(kernel, 1);
    return {fixed, value: zerosLike(fixed)};
  });
});

const channels = (x: T) => x.shape[x.shape.length - 1] as number;
const one = (x: unknown) => x as T;
const size = (random: Random) => random.integer(1, 6);
const activation = (random: Random) => random.pick(ACTIVATIONS) as 'relu';
const padding = (random: Random) => random.pick(['same', 'valid'] as const);
const common = (random: Random) => ({activation: activation(random), useBias: random.chance(0.7)});
const least = (x: T) => Math.min(...x.shape.slice(1, -1).map(Number));
const kernel = (random: Random, x: T, pad: string) =>
  random.integer(1, pad === 'same' ? 3 : Math.min(3, least(x)));

function convArgs(random: Random, x: T) {
  const pad = padding(random);
  const kernelSize = kernel(random, x, pad);
  const dilated = pad === 'valid' && kernelSize === 2 && least(x) > 3 && random.chance(0.3);
  const strides = dilated ? 1 : random.integer(1, 2);
  return {
    filters: size(random),
    kernelSize,
    padding: pad,
    strides,
    dilationRate: dilated ? 2 : 1,
    ...common(random),
  };
}

/** Steps for tensors of any rank. */
const anyRank: Step[] = [
  (random, x) => one(layers.dense({units: size(random), ...common(random)}).apply(x)),
  (random, x) =>
    one(
      layers.batchNormalization({center: random.chance(0.8), scale: random.chance(0.8)}).apply(x),
    ),
  (random, x) => one(layers.activation({activation: activation(random)}).apply(x)),
  (random, x) =>
    one(
      layers
        .prelu(random.chance(0.5) ? {} : {sharedAxes: x.shape.slice(1, -1).map((_, i) => i + 1)})
        .apply(x),
    ),
  (random, x) => {
    const layer = random.pick([
      () => layers.reLU({maxValue: 2}),
      () => layers.leakyReLU({alpha: 0.2}),
      () => layers.elu(),
      () => layers.thresholdedReLU({theta: 0.3}),
      () => layers.dropout({rate: 0.3}),
      () => layers.gaussianNoise({stddev: 1}),
      () => layers.gaussianDropout({rate: 0.3}),
      () => layers.alphaDropout({rate: 0.3}),
    ]);
    return one(layer().apply(x));
  },
  // A shared layer, whose uses see different tensors.
  (random, x) => {
    const shared = layers.dense({units: size(random), ...common(random)});
    const other = one(layers.activation({activation: activation(random)}).apply(x));
    return merge(random, [one(shared.apply(x)), one(shared.apply(other))]);
  },
  // A residual branch.
  (random, x) =>
    merge(random, [x, one(layers.dense({units: channels(x), ...common(random)}).apply(x))]),
  // A partly overlapping concatenation.
  (random, x) => {
    const [a, b] = [size(random), size(random)];
    const make = (units: number) => one(layers.dense({units, ...common(random)}).apply(x));
    const joined = one(layers.concatenate().apply([make(a), make(b)]));
    return random.chance(0.5) ? merge(random, [joined, make(a + b)]) : joined;
  },
  (random, x) => {
    const units = size(random);
    const inner = sequential({
      layers: [
        layers.dense({units: size(random), ...common(random), inputShape: x.shape.slice(1)}),
        layers.batchNormalization(),
        layers.dense({units, ...common(random)}),
      ],
    });
    const y = one(inner.apply(x));
    return random.chance(0.5) && units === channels(x)
      ? merge(random, [y, one(inner.apply(y))])
      : y;
  },
  (random, x) => {
    const a = input({shape: x.shape.slice(1)});
    const b = input({shape: x.shape.slice(1)});
    const hidden = one(layers.dense({units: channels(x), ...common(random)}).apply(a));
    const inner = makeModel({inputs: [a, b], outputs: [merge(random, [hidden, b]), hidden]});
    const [y, z] = inner.apply([x, one(layers.activation({activation: 'relu'}).apply(x))]) as T[];
    return random.chance(0.5) ? (inner.apply([y, z]) as T[])[0] : merge(random, [y, z]);
  },
  (random, x) => (random.chance(0.15) ? one(new Opaque({}).apply(x)) : x),
  (random, x) => (x.shape.length === 2 ? one(new OwnDense({units: size(random)}).apply(x)) : x),
  (random, x) => (random.chance(0.2) ? one(layers.layerNormalization().apply(x)) : x),
  (random, x) => (random.chance(0.1) ? one(layers.softmax({axis: -1}).apply(x)) : x),
  (random, x) => {
    const total = x.shape.slice(1).reduce<number>((all, each) => all * Number(each), 1);
    const shapes = [
      [total],
      [total / channels(x), channels(x)],
      [total / channels(x), 1, channels(x)],
      total % 2 ? [total, 1] : [2, total / 2],
    ];
    return one(layers.reshape({targetShape: random.pick(shapes)}).apply(x));
  },
];

const vectors: Step[] = [
  (random, x) => one(layers.repeatVector({n: random.integer(1, 3)}).apply(x)),
  (random, x) => {
    const units = size(random);
    const [a, b] = [0, 1].map(() => one(layers.dense({units, ...common(random)}).apply(x)));
    return one(layers.dot({axes: -1, normalize: random.chance(0.3)}).apply([a, b]));
  },
];

function recurrent(random: Random) {
  const args = {
    units: size(random),
    recurrentInitializer: 'glorotNormal' as const,
    returnSequences: random.chance(0.5),
    goBackwards: random.chance(0.2),
    activation: random.pick(['tanh', 'tanh', 'relu', 'sigmoid'] as const),
    useBias: random.chance(0.7),
  };
  return random.pick([
    () => layers.lstm(args),
    () => layers.gru(args),
    () => layers.simpleRNN(args),
  ])();
}

const sequences: Step[] = [
  (random, x) => one(layers.conv1d(convArgs(random, x)).apply(x)),
  (random, x) => one(recurrent(random).apply(x)),
  (random, x) => one(recurrent(random).apply(x)),
  (random, x) => {
    const layer = recurrent(random) as ReturnType<typeof layers.lstm>;
    const mergeMode = random.pick(['concat', 'sum', 'ave', 'mul'] as const);
    return one(layers.bidirectional({layer, mergeMode}).apply(x));
  },
  // What may silence its units comes behind it: a normalization, or a gate.
  ...Array<Step>(2).fill((random, x) => {
    const y = one(recurrent(random).apply(x));
    const normal = () => one(layers.batchNormalization().apply(y));
    const gated = () => {
      const flat = one(layers.flatten().apply(x));
      const gate = one(layers.dense({units: channels(y), ...common(random)}).apply(flat));
      const ones = y.shape.slice(1, -1).map(() => 1);
      const shaped = layers.reshape({targetShape: [...ones, channels(y)]}).apply(gate);
      return one(layers.multiply().apply([y, one(shaped)]));
    };
    return random.chance(0.5) ? normal() : gated();
  }),
  // One unit, whose gates are all of its kernel.
  (random, x) => {
    const args = {units: 1, recurrentInitializer: 'glorotNormal' as const, returnSequences: true};
    const make = random.pick([layers.lstm, layers.gru, layers.simpleRNN]);
    return one(make(args).apply(x));
  },
  // Attention.
  (random, x) => {
    const make = (units: number) => one(layers.dense({units, ...common(random)}).apply(x));
    const units = size(random);
    const scores = one(layers.dot({axes: 2}).apply([make(units), make(units)]));
    return one(layers.dot({axes: [2, 1]}).apply([scores, make(size(random))]));
  },
  // The states of one layer start another.
  (random, x) => {
    const units = size(random);
    const [y, ...states] = layers
      .lstm({units, recurrentInitializer: 'glorotNormal', returnSequences: true, returnState: true})
      .apply(x) as T[];
    return one(layers.lstm({units, recurrentInitializer: 'glorotNormal'}).apply([y, ...states]));
  },
  (random, x) => {
    const cells = [1, 2].map(() =>
      layers.lstmCell({units: size(random), recurrentInitializer: 'glorotNormal'}),
    );
    return one(layers.rnn({cell: random.chance(0.3) ? cells : cells[0]}).apply(x));
  },
  (random, x) =>
    one(
      layers
        .timeDistributed({layer: layers.dense({units: size(random), ...common(random)})})
        .apply(x),
    ),
  (random, x) => {
    const inner = sequential({
      layers: [
        layers.dense({units: size(random), ...common(random), inputShape: [channels(x)]}),
        layers.dense({units: size(random)}),
      ],
    });
    return one(layers.timeDistributed({layer: inner}).apply(x));
  },
  (random, x) => pool(random, x, [layers.maxPooling1d, layers.averagePooling1d]),
  (random, x) =>
    one(
      (random.chance(0.5) ? layers.globalMaxPooling1d() : layers.globalAveragePooling1d({})).apply(
        x,
      ),
    ),
  (_, x) => one(layers.permute({dims: [2, 1]}).apply(x)),
  (random, x) => one(layers.spatialDropout1d({rate: 0.3, seed: random.integer(0, 9)}).apply(x)),
  (random, x) => {
    const units = size(random);
    const [a, b] = [0, 1].map(() => one(layers.dense({units, ...common(random)}).apply(x)));
    return one(layers.dot({axes: random.pick([2, 1])}).apply([a, b]));
  },
  (random, x) => {
    const y = one(layers.dense({units: channels(x), ...common(random)}).apply(x));
    return one(layers.concatenate({axis: 1}).apply([x, y]));
  },
];

const images: Step[] = [
  ...Array<Step>(3).fill((random, x) => one(layers.conv2d(convArgs(random, x)).apply(x))),
  (random, x) => one(layers.conv2dTranspose({...convArgs(random, x), dilationRate: 1}).apply(x)),
  (random, x) =>
    one(
      layers
        .depthwiseConv2d({
          ...convArgs(random, x),
          dilationRate: 1,
          depthMultiplier: random.integer(1, 2),
        })
        .apply(x),
    ),
  (random, x) =>
    one(
      layers
        .separableConv2d({
          ...convArgs(random, x),
          dilationRate: 1,
          strides: 1,
          depthMultiplier: random.integer(1, 2),
        })
        .apply(x),
    ),
  (random, x) => pool(random, x, [layers.maxPooling2d, layers.averagePooling2d]),
  (random, x) =>
    one(
      (random.chance(0.5)
        ? layers.globalMaxPooling2d({})
        : layers.globalAveragePooling2d({})
      ).apply(x),
    ),
  (random, x) => one(layers.zeroPadding2d({padding: random.integer(0, 1)}).apply(x)),
  (_, x) =>
    least(x) > 3
      ? one(
          layers
            .cropping2D({
              cropping: [
                [1, 0],
                [0, 1],
              ],
            })
            .apply(x),
        )
      : x,
  (random, x) =>
    least(x) < 5
      ? one(
          layers
            .upSampling2d({interpolation: random.pick(['nearest', 'bilinear'] as const)})
            .apply(x),
        )
      : x,
  (_, x) => one(layers.flatten().apply(x)),
  // Squeeze and excitation.
  (random, x) => {
    const squeezed = one(layers.globalAveragePooling2d({}).apply(x));
    const gates = one(layers.dense({units: channels(x), ...common(random)}).apply(squeezed));
    const shaped = one(layers.reshape({targetShape: [1, 1, channels(x)]}).apply(gates));
    return one(layers.multiply().apply([x, shaped]));
  },
  // Attention to positions.
  (random, x) => {
    const map = one(layers.conv2d({filters: 1, kernelSize: 1, ...common(random)}).apply(x));
    return merge(random, [x, map]);
  },
  // Constants on their way through layers that may pad, into one that adds them up.
  ...Array<Step>(4).fill((random, x) => {
    const between = [
      () => layers.zeroPadding2d({padding: random.integer(0, 2)}),
      () => layers.depthwiseConv2d({kernelSize: 3, padding: 'same', ...common(random)}),
      () => layers.prelu({sharedAxes: [1, 2]}),
      () => layers.averagePooling2d({poolSize: 3, strides: 2, padding: 'same'}),
      () => layers.batchNormalization(),
    ];
    let y = one(layers.conv2d({filters: size(random), kernelSize: 1, ...common(random)}).apply(x));
    for (let i = random.integer(0, 2); i > 0; i--) {
      y = one(random.pick(between)().apply(y));
    }
    const last = random.pick([layers.conv2d, layers.conv2dTranspose, layers.separableConv2d]);
    const pad = padding(random);
    const args = {kernelSize: kernel(random, y, pad), padding: pad, filters: size(random)};
    return one(last(args).apply(y));
  }),
  // A residual block, or a dense one.
  (random, x) => {
    const args = {filters: channels(x), kernelSize: 3, padding: 'same' as const};
    let y = one(layers.conv2d({...args, ...common(random)}).apply(x));
    y = one(layers.batchNormalization().apply(y));
    return random.chance(0.5) ? merge(random, [x, y]) : one(layers.concatenate().apply([x, y]));
  },
  // Channels first.
  (random, x) => {
    const y = one(layers.permute({dims: [3, 1, 2]}).apply(x));
    const args = {dataFormat: 'channelsFirst' as const};
    const made = random.pick([
      () =>
        layers.conv2d({filters: size(random), kernelSize: 1, ...common(random), ...args}).apply(y),
      () => layers.maxPooling2d({poolSize: 1, ...args}).apply(y),
      () => layers.batchNormalization({axis: 1}).apply(y),
    ])();
    return one(
      random.chance(0.5)
        ? layers.flatten(args).apply(made)
        : layers.permute({dims: [2, 3, 1]}).apply(made),
    );
  },
];

const videos: Step[] = [
  (random, x) => one(layers.conv3d({...convArgs(random, x), dilationRate: 1}).apply(x)),
  (random, x) => {
    const args = {filters: size(random), kernelSize: 2, ...common(random)};
    return one(layers.conv3dTranspose(args).apply(x));
  },
  (random, x) => {
    const pad = padding(random);
    return one(
      layers
        .convLstm2d({
          filters: size(random),
          kernelSize: kernel(random, x, pad),
          padding: pad,
          recurrentInitializer: 'glorotNormal',
          returnSequences: random.chance(0.3),
        })
        .apply(x),
    );
  },
  (random, x) => one(layers.timeDistributed({layer: layers.conv2d(convArgs(random, x))}).apply(x)),
  (random, x) => pool(random, x, [layers.maxPooling3d, layers.averagePooling3d] as never),
  (_, x) => one(layers.flatten().apply(x)),
];

/** What can be done with a tensor of each rank. */
export const STEPS: Readonly<Record<number, readonly Step[]>> = {
  2: [...anyRank, ...vectors],
  3: [...anyRank, ...sequences],
  4: [...anyRank, ...images, ...images],
  // tfjs has no batch normalization of rank 5.
  5: [...videos, ...videos, anyRank[0], ...anyRank.slice(2, 8)],
};

type Pool = (args: {
  poolSize: number;
  strides: number;
  padding: 'same' | 'valid';
}) => ReturnType<typeof layers.maxPooling1d>;

function pool(random: Random, x: T, classes: readonly unknown[]): T {
  const pad = padding(random);
  const args = {poolSize: kernel(random, x, pad), strides: random.integer(1, 2), padding: pad};
  return one((random.pick(classes) as Pool)(args).apply(x));
}

/** Any of the layers that merge tensors element by element. */
export function merge(random: Random, tensors: T[]): T {
  const {add: plus, multiply, average, maximum, minimum} = layers;
  const make = random.pick([plus, plus, multiply, average, maximum, minimum]) as typeof layers.add;
  return one(make().apply(tensors));
}
