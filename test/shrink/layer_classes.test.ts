import {layers, sequential, type SymbolicTensor} from '@tensorflow/tfjs-layers';
import {getBackend, setBackend} from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';

import {around, groupOf, shrunk} from './shrunk';

type T = SymbolicTensor;
type Make = (x: T) => unknown;

const one = (x: unknown) => x as T;
const conv = (filters: number, name = 'p') =>
  layers.conv2d({filters, kernelSize: 3, name, activation: 'relu'});
const dense = (units: number, name = 'p') => layers.dense({units, name, activation: 'relu'});
const glorot = {recurrentInitializer: 'glorotNormal'} as const;

/** Layer → [input's shape, how it is used, masked channels of 'p', weights' shapes after]. */
const IMAGE = [6, 6, 2];
const STEPS = [4, 3];

const cases: Array<[string, number[], Make, number[], Record<string, number[]>]> = [
  ['Dense', [3], (x) => dense(4).apply(x), [1, 2], {'p/kernel': [3, 2], 'out/kernel': [2, 2]}],
  [
    'Conv1D',
    STEPS,
    (x) => layers.conv1d({filters: 4, kernelSize: 2, name: 'p'}).apply(x),
    [0],
    {'p/kernel': [2, 3, 3], 'p/bias': [3], 'out/kernel': [9, 2]},
  ],
  [
    'Conv2D',
    IMAGE,
    (x) => conv(4).apply(x),
    [3],
    {'p/kernel': [3, 3, 2, 3], 'out/kernel': [48, 2]},
  ],
  [
    'Conv2D, channels first',
    IMAGE,
    (x) => {
      const y = layers.permute({dims: [3, 1, 2]}).apply(conv(4).apply(x));
      return layers
        .conv2d({filters: 3, kernelSize: 1, dataFormat: 'channelsFirst', name: 'q'})
        .apply(y);
    },
    [3],
    {'p/kernel': [3, 3, 2, 3], 'q/kernel': [1, 1, 3, 3], 'out/kernel': [48, 2]},
  ],
  [
    'Conv3D',
    [3, 4, 4, 1],
    (x) => layers.conv3d({filters: 3, kernelSize: 2, name: 'p'}).apply(x),
    [0, 1],
    {'p/kernel': [2, 2, 2, 1, 1], 'out/kernel': [18, 2]},
  ],
  [
    'Conv2DTranspose',
    IMAGE,
    (x) => layers.conv2dTranspose({filters: 3, kernelSize: 2, name: 'q'}).apply(conv(4).apply(x)),
    [1],
    {'p/kernel': [3, 3, 2, 3], 'q/kernel': [2, 2, 3, 3], 'out/kernel': [75, 2]},
  ],
  [
    'DepthwiseConv2D of multiplier 2',
    IMAGE,
    (x) =>
      layers
        .depthwiseConv2d({kernelSize: 2, depthMultiplier: 2, name: 'd'})
        .apply(conv(3).apply(x)),
    [1],
    {
      'p/kernel': [3, 3, 2, 2],
      'd/depthwise_kernel': [2, 2, 2, 2],
      'd/bias': [4],
      'out/kernel': [36, 2],
    },
  ],
  [
    'SeparableConv2D of multiplier 2',
    IMAGE,
    (x) =>
      layers
        .separableConv2d({filters: 4, kernelSize: 2, depthMultiplier: 2, name: 's'})
        .apply(conv(3).apply(x)),
    [1],
    {'s/depthwise_kernel': [2, 2, 2, 2], 's/pointwise_kernel': [1, 1, 4, 4], 's/bias': [4]},
  ],
  [
    'BatchNormalization',
    IMAGE,
    (x) => layers.batchNormalization({name: 'n'}).apply(conv(4).apply(x)),
    [0, 2],
    {'n/gamma': [2], 'n/beta': [2], 'n/moving_mean': [2], 'n/moving_variance': [2]},
  ],
  [
    'PReLU',
    IMAGE,
    (x) => layers.prelu({sharedAxes: [1, 2], name: 'a'}).apply(conv(4).apply(x)),
    [0, 2],
    {'a/alpha': [1, 1, 2]},
  ],
  [
    'PReLU of each position',
    IMAGE,
    (x) => layers.prelu({name: 'a'}).apply(conv(4).apply(x)),
    [0, 2],
    {'a/alpha': [4, 4, 2]},
  ],
  [
    'MaxPooling2D',
    IMAGE,
    (x) => layers.maxPooling2d({}).apply(conv(4).apply(x)),
    [0],
    {'out/kernel': [12, 2]},
  ],
  [
    'AveragePooling2D',
    IMAGE,
    (x) =>
      layers.averagePooling2d({poolSize: 3, strides: 1, padding: 'same'}).apply(conv(4).apply(x)),
    [0],
    {'out/kernel': [48, 2]},
  ],
  [
    'GlobalMaxPooling2D',
    IMAGE,
    (x) => layers.globalMaxPooling2d({}).apply(conv(4).apply(x)),
    [0],
    {'out/kernel': [3, 2]},
  ],
  [
    'GlobalAveragePooling1D',
    STEPS,
    (x) => layers.globalAveragePooling1d({}).apply(dense(4).apply(x)),
    [0],
    {'out/kernel': [3, 2]},
  ],
  [
    'ZeroPadding2D',
    IMAGE,
    (x) => layers.zeroPadding2d({}).apply(conv(4).apply(x)),
    [0],
    {'out/kernel': [108, 2]},
  ],
  [
    'Cropping2D',
    IMAGE,
    (x) =>
      layers
        .cropping2D({
          cropping: [
            [1, 0],
            [1, 2],
          ],
        })
        .apply(conv(4).apply(x)),
    [0],
    {'out/kernel': [9, 2]},
  ],
  [
    'UpSampling2D',
    IMAGE,
    (x) => layers.upSampling2d({}).apply(conv(2).apply(x)),
    [0],
    {'out/kernel': [64, 2]},
  ],
  [
    'Dropout with a noise shape',
    IMAGE,
    (x) =>
      layers.dropout({rate: 0.5, noiseShape: [null, 1, 1, 4] as number[]}).apply(conv(4).apply(x)),
    [0],
    {'out/kernel': [48, 2]},
  ],
  [
    'Add, of a residual',
    [3],
    (x) => {
      const y = one(dense(4).apply(x));
      return layers.add().apply([y, one(dense(4, 'q').apply(y))]);
    },
    [1],
    {'p/kernel': [3, 3], 'q/kernel': [3, 3], 'out/kernel': [3, 2]},
  ],
  [
    'Multiply, as squeeze and excitation',
    IMAGE,
    (x) => {
      const y = one(conv(4).apply(x));
      const pooled = layers.globalAveragePooling2d({}).apply(y);
      const gates = layers.dense({units: 4, activation: 'sigmoid', name: 'g'}).apply(pooled);
      return layers
        .multiply()
        .apply([y, one(layers.reshape({targetShape: [1, 1, 4]}).apply(gates))]);
    },
    [1, 3],
    {'p/kernel': [3, 3, 2, 2], 'g/kernel': [2, 2], 'g/bias': [2], 'out/kernel': [32, 2]},
  ],
  [
    'Concatenate',
    [3],
    (x) => layers.concatenate().apply([one(dense(3, 'q').apply(x)), one(dense(4).apply(x))]),
    [0, 3],
    {'q/kernel': [3, 3], 'p/kernel': [3, 2], 'out/kernel': [5, 2]},
  ],
  [
    'Concatenate along steps',
    STEPS,
    (x) =>
      layers.concatenate({axis: 1}).apply([one(dense(3, 'q').apply(x)), one(dense(3).apply(x))]),
    [1],
    {'q/kernel': [3, 2], 'p/kernel': [3, 2], 'out/kernel': [16, 2]},
  ],
  [
    'Dot',
    [3],
    (x) => layers.dot({axes: -1}).apply([one(dense(4).apply(x)), one(dense(4, 'q').apply(x))]),
    [1, 2],
    {'p/kernel': [3, 2], 'q/kernel': [3, 2], 'out/kernel': [1, 2]},
  ],
  [
    'Reshape that splits positions off',
    [3],
    (x) => {
      const y = layers.reshape({targetShape: [2, 2, 3]}).apply(dense(12).apply(x));
      return layers.conv2d({filters: 2, kernelSize: 2, name: 'q'}).apply(y);
    },
    [1],
    {'p/kernel': [3, 8], 'q/kernel': [2, 2, 2, 2]},
  ],
  [
    'Permute',
    STEPS,
    (x) => layers.permute({dims: [2, 1]}).apply(dense(4).apply(x)),
    [1],
    {'p/kernel': [3, 3], 'out/kernel': [12, 2]},
  ],
  [
    'RepeatVector',
    [3],
    (x) => layers.repeatVector({n: 3}).apply(dense(4).apply(x)),
    [1],
    {'out/kernel': [9, 2]},
  ],
  [
    'TimeDistributed',
    STEPS,
    (x) => layers.timeDistributed({layer: dense(4, 'q'), name: 'p'}).apply(x),
    [],
    {'out/kernel': [16, 2]},
  ],
  [
    'SimpleRNN',
    STEPS,
    (x) => layers.simpleRNN({units: 4, name: 'p', ...glorot}).apply(x),
    [1],
    {'p/kernel': [3, 3], 'p/recurrent_kernel': [3, 3], 'p/bias': [3], 'out/kernel': [3, 2]},
  ],
  [
    'LSTM',
    STEPS,
    (x) => layers.lstm({units: 4, name: 'p', returnSequences: true, ...glorot}).apply(x),
    [1, 2],
    {'p/kernel': [3, 8], 'p/recurrent_kernel': [2, 8], 'p/bias': [8], 'out/kernel': [8, 2]},
  ],
  [
    'GRU',
    STEPS,
    (x) => layers.gru({units: 4, name: 'p', ...glorot}).apply(x),
    [1],
    {'p/kernel': [3, 9], 'p/recurrent_kernel': [3, 9], 'p/bias': [9], 'out/kernel': [3, 2]},
  ],
  [
    'RNN of a cell, on pruned steps',
    STEPS,
    (x) =>
      layers.rnn({cell: layers.gruCell({units: 3, ...glorot}), name: 'r'}).apply(dense(4).apply(x)),
    [0],
    {'r/kernel': [3, 9], 'out/kernel': [3, 2]},
  ],
  [
    'ConvLSTM2D',
    [2, 4, 4, 1],
    (x) => layers.convLstm2d({filters: 3, kernelSize: 2, name: 'p', ...glorot}).apply(x),
    [1],
    {'p/kernel': [2, 2, 1, 8], 'p/recurrent_kernel': [2, 2, 2, 8], 'out/kernel': [18, 2]},
  ],
];

describe('shrink removes channels through', () => {
  it.each(cases)('%s', async (_, shape, make, gone, expected) => {
    const model = around(shape, make);
    const {shapes, report} = await shrunk(model, gone.length > 0 ? {p: gone} : {});
    expect(shapes).toMatchObject(expected);
    expect(report.groups.flatMap(({kept}) => kept)).toEqual([]);
  });

  it('Conv3DTranspose', async () => {
    // Its kernel on wasm adds to what happens to be in memory.
    const backend = getBackend();
    await setBackend('cpu');
    try {
      const model = around([3, 3, 3, 1], (x) =>
        layers.conv3dTranspose({filters: 3, kernelSize: 2, name: 'p'}).apply(x),
      );
      const {shapes} = await shrunk(model, {p: [1]});
      expect(shapes).toMatchObject({'p/kernel': [2, 2, 2, 2, 1], 'p/bias': [2]});
    } finally {
      await setBackend(backend);
    }
  });

  it('Embedding, whose zero columns are channels', async () => {
    const make: Make = (x) => layers.embedding({inputDim: 6, outputDim: 4, name: 'p'}).apply(x);
    const {shapes} = await shrunk(around([3], make, 'int32'), {p: [0, 3]});
    expect(shapes).toMatchObject({'p/embeddings': [6, 2], 'out/kernel': [6, 2]});
  });

  it('TimeDistributed models', async () => {
    const inner = sequential({
      name: 'm',
      layers: [dense(4), layers.dense({units: 3, name: 'q'})].map((layer, i) => {
        if (i === 0) {
          layer.batchInputShape = [null, 3];
        }
        return layer;
      }),
    });
    const model = around(STEPS, (x) => layers.timeDistributed({layer: inner, name: 't'}).apply(x));
    const {smaller, shapes} = await shrunk(model, {'t/m/p': [1], 't/m/q': [0]});
    expect(shapes).toMatchObject({'out/kernel': [8, 2]});
    expect(smaller.weights.map(({shape}) => shape)).toContainEqual([3, 2]);
  });

  it.each([
    ['concat', [8, 2]],
    ['sum', [4, 2]],
    ['ave', [4, 2]],
    ['mul', [4, 2]],
  ] as const)('Bidirectional layers merged by %s', async (mergeMode, kernel) => {
    const layer = layers.lstm({units: 5, ...glorot, name: 'p'}) as never;
    const model = around(STEPS, (x) =>
      layers.bidirectional({layer, mergeMode, name: 'b'}).apply(x),
    );
    expect(groupOf(model, 'b/forward_p').layers).toEqual(['b/forward_p', 'b/backward_p']);
    const {shapes} = await shrunk(model, {'b/forward_p': [2]});
    expect(shapes['out/kernel']).toEqual(kernel);
  });

  it('the states of a recurrent layer that start another', async () => {
    const model = around(STEPS, (x) => {
      const first = layers.lstm({
        units: 4,
        name: 'p',
        returnSequences: true,
        returnState: true,
        ...glorot,
      });
      return layers.lstm({units: 4, name: 'q', ...glorot}).apply(first.apply(x) as T[]);
    });
    expect(groupOf(model, 'p').layers).toEqual(['p', 'q']);
    const {shapes} = await shrunk(model, {p: [0, 2]});
    expect(shapes).toMatchObject({'p/kernel': [3, 8], 'q/kernel': [2, 8], 'out/kernel': [2, 2]});
  });
});

describe('a Dot', () => {
  const tensors = (x: T) =>
    ['p', 'q'].map((name) => layers.dense({units: 4, name, activation: 'relu'}).apply(x) as T);

  it('passes the channels of values that scores weigh', async () => {
    const model = around([5, 3], (x) => {
      const [p, q] = tensors(x);
      const scores = layers.dot({axes: 2, name: 'scores'}).apply([p, q]) as T;
      const values = layers.dense({units: 6, name: 'v'}).apply(x) as T;
      const weighed = layers.dot({axes: [2, 1], name: 'weighed'}).apply([scores, values]);
      return layers.globalAveragePooling1d({}).apply(weighed as T);
    });
    const {shapes} = await shrunk(model, {v: [0, 3, 5], p: [1]});
    expect(shapes).toMatchObject({
      'p/kernel': [3, 3],
      'q/kernel': [3, 3],
      'v/kernel': [3, 3],
      'out/kernel': [3, 2],
    });
  });

  it.each([
    [[1, 1], 'q', 'p'],
    [[1, 2], 'p', 'q'],
    [[2, 1], 'q', 'p'],
  ] as const)('along axes %j passes the channels of %s, not of %s', async (axes, open, frozen) => {
    // As many steps as channels, so that any axes fit.
    const model = around([4, 3], (x) => layers.dot({axes: [...axes], name: 'd'}).apply(tensors(x)));
    expect(groupOf(model, frozen).frozen).toBe(
      "layer 'd' multiplies them with positions of another tensor",
    );
    const {report} = await shrunk(model, {[open]: [1, 2]});
    expect(report.groups.find(({name}) => name === open)?.removed).toEqual([1, 2]);
  });
});

describe('these freeze channels, with a reason', () => {
  const frozen: Array<[string, number[], Make, string]> = [
    [
      'LayerNormalization',
      [3],
      (x) => layers.layerNormalization({name: 'n'}).apply(dense(4).apply(x)),
      "layer 'n' takes mean and variance over channels",
    ],
    [
      'Softmax',
      [3],
      (x) => layers.softmax({name: 'n', axis: -1}).apply(dense(4).apply(x)),
      "layer 'n' is a softmax, which depends on all channels",
    ],
    [
      'an activation of softmax',
      [3],
      (x) => layers.dense({units: 4, activation: 'softmax', name: 'p'}).apply(x),
      "activation 'softmax' of each channel depends on the others, in layer 'p'",
    ],
    [
      'Masking',
      STEPS,
      (x) => layers.masking({name: 'n'}).apply(dense(4).apply(x)),
      "layer 'n' masks steps by all of their channels",
    ],
    [
      'stacked cells',
      STEPS,
      (x) =>
        layers
          .rnn({
            name: 'n',
            cell: [layers.lstmCell({units: 2, ...glorot}), layers.lstmCell({units: 2, ...glorot})],
          })
          .apply(dense(4).apply(x)),
      "layer 'n' has a cell of class StackedRNNCells, which is not supported",
    ],
    [
      'a kept state',
      STEPS,
      (x) =>
        layers
          .permute({dims: [2, 1]})
          .apply(
            layers
              .conv1d({filters: 3, kernelSize: 2, name: 'q'})
              .apply(layers.permute({dims: [2, 1]}).apply(dense(4).apply(x))),
          ),
      "layer 'q' works along another axis than that of these channels",
    ],
    [
      'a sigmoid in a recurrent layer',
      STEPS,
      (x) => layers.lstm({units: 4, activation: 'sigmoid', name: 'p', ...glorot}).apply(x),
      "activation 'sigmoid' gives an output to units without weights, in layer 'p'",
    ],
    [
      'channels added to an input',
      [3],
      (x) => layers.add().apply([x, one(dense(3).apply(x))]),
      'an input of the model',
    ],
    [
      'one channel for all others',
      IMAGE,
      (x) =>
        layers
          .multiply({name: 'n'})
          .apply([one(layers.conv2d({filters: 1, kernelSize: 1, name: 'p'}).apply(x)), x]),
      "layer 'n' broadcasts this channel to several others",
    ],
  ];

  it.each(frozen)('%s', (_, shape, make, reason) => {
    expect(groupOf(around(shape, make), 'p').frozen).toBe(reason);
  });
});
