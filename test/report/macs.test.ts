import {serialization, tensor} from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  type LayersModel,
  model as makeModel,
  sequential,
  type Shape,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';

import {MODELS} from '../../examples/mnist/models';
import {countMacs} from '../../lib/index';
import {countMacsWithoutZeros} from '../../lib/report/macs';

type T = SymbolicTensor;

/** A model of one layer, or of what `make` makes of an input. */
function around(shape: Shape, make: (x: T) => unknown): LayersModel {
  const x = input({shape});
  return makeModel({inputs: x, outputs: make(x) as T});
}

const zeros = {recurrentInitializer: 'zeros'} as const;
const first = 'channelsFirst';
const lstm = (args: object = {}) => layers.lstm({units: 3, ...zeros, ...args});

/** [what, shape of the input, the layer, its multiply-accumulates]. */
const cases: Array<[string, Shape, layers.Layer, number]> = [
  ['Dense', [5], layers.dense({units: 3}), 5 * 3],
  ['Dense over positions', [4, 2, 5], layers.dense({units: 3}), 4 * 2 * 5 * 3],
  ['Conv1D', [7, 2], layers.conv1d({filters: 3, kernelSize: 4}), 4 * (4 * 2 * 3)],
  [
    'Conv2D with strides and padding',
    [7, 6, 2],
    layers.conv2d({filters: 3, kernelSize: [3, 2], strides: 2, padding: 'same'}),
    4 * 3 * (3 * 2 * 2 * 3),
  ],
  [
    'Conv2D, dilated',
    [7, 6, 2],
    layers.conv2d({filters: 3, kernelSize: 2, dilationRate: 2}),
    5 * 4 * (2 * 2 * 2 * 3),
  ],
  [
    'Conv2D, channels first',
    [2, 7, 6],
    layers.conv2d({filters: 3, kernelSize: 3, dataFormat: first}),
    5 * 4 * (3 * 3 * 2 * 3),
  ],
  [
    'Conv3D',
    [4, 5, 6, 2],
    layers.conv3d({filters: 3, kernelSize: 2}),
    3 * 4 * 5 * (2 * 2 * 2 * 2 * 3),
  ],
  [
    'Conv2DTranspose',
    [3, 4, 2],
    layers.conv2dTranspose({filters: 5, kernelSize: 3, strides: 2}),
    3 * 4 * (3 * 3 * 2 * 5),
  ],
  [
    'Conv3DTranspose',
    [2, 3, 4, 2],
    layers.conv3dTranspose({filters: 5, kernelSize: 2}),
    2 * 3 * 4 * (2 * 2 * 2 * 2 * 5),
  ],
  [
    'DepthwiseConv2D',
    [6, 5, 3],
    layers.depthwiseConv2d({kernelSize: 3, depthMultiplier: 2}),
    4 * 3 * (3 * 3 * 3 * 2),
  ],
  [
    'SeparableConv2D',
    [6, 5, 3],
    layers.separableConv2d({kernelSize: 3, filters: 7, depthMultiplier: 2}),
    4 * 3 * (3 * 3 * 3 * 2 + 3 * 2 * 7),
  ],
  ['SimpleRNN', [4, 2], layers.simpleRNN({units: 3, ...zeros}), 4 * (2 + 3) * 3],
  ['LSTM', [4, 2], lstm(), 4 * (2 + 3) * 4 * 3],
  ['LSTM of all steps and states', [4, 2], lstm({returnState: true}), 4 * (2 + 3) * 4 * 3],
  ['LSTM of an open number of steps', [null, 2], lstm(), (2 + 3) * 4 * 3],
  ['GRU', [4, 2], layers.gru({units: 3, returnSequences: true, ...zeros}), 4 * (2 + 3) * 3 * 3],
  [
    'RNN of stacked cells',
    [4, 2],
    layers.rnn({
      cell: [layers.gruCell({units: 3, ...zeros}), layers.simpleRNNCell({units: 5, ...zeros})],
    } as never),
    4 * ((2 + 3) * 3 * 3 + (3 + 5) * 5),
  ],
  [
    'ConvLSTM2D',
    [4, 6, 5, 2],
    layers.convLstm2d({...zeros, filters: 3, kernelSize: 3, returnSequences: true}),
    4 * (4 * 3) * (3 * 3 * (2 + 3) * 4 * 3),
  ],
  [
    'ConvLSTM2D, channels first, last step',
    [4, 2, 6, 5],
    layers.convLstm2d({...zeros, filters: 3, kernelSize: 3, dataFormat: first}),
    4 * (4 * 3) * (3 * 3 * (2 + 3) * 4 * 3),
  ],
  ['TimeDistributed', [4, 5], layers.timeDistributed({layer: layers.dense({units: 3})}), 4 * 5 * 3],
  [
    'Bidirectional',
    [4, 2],
    layers.bidirectional({layer: lstm() as never}),
    2 * 4 * (2 + 3) * 4 * 3,
  ],
  ['Embedding', [4], layers.embedding({inputDim: 9, outputDim: 3}), 0],
  ['BatchNormalization', [4, 4, 2], layers.batchNormalization(), 0],
];

describe('countMacs', () => {
  it.each(cases)('counts a %s', (_, shape, layer, macs) => {
    const report = countMacs(around(shape, (x) => [layer.apply(x)].flat()[0]));
    expect([report.macs, report.unknown]).toEqual([macs, []]);
  });

  it.each<[string, number | number[], Shape, Shape, number]>([
    ['vectors', -1, [5], [5], 5],
    ['matrices', [2, 1], [4, 5], [5, 3], 4 * 5 * 3],
    ['matrices by their last axes', -1, [4, 5], [3, 5], 4 * 5 * 3],
  ])('counts a Dot of %s', (_, axes, one, other, macs) => {
    const inputs = [input({shape: one}), input({shape: other})];
    const outputs = layers.dot({axes: axes as number}).apply(inputs) as T;
    expect(countMacs(makeModel({inputs, outputs})).macs).toBe(macs);
  });

  it('gives those of LeNet-5 layer by layer', () => {
    const model = sequential({
      layers: [
        layers.conv2d({filters: 20, kernelSize: 5, inputShape: [28, 28, 1], name: 'c1'}),
        layers.maxPooling2d({poolSize: 2}),
        layers.conv2d({filters: 50, kernelSize: 5, name: 'c2'}),
        layers.maxPooling2d({poolSize: 2}),
        layers.flatten(),
        layers.dense({units: 500, name: 'd1', activation: 'relu'}),
        layers.dense({units: 10, name: 'd2', activation: 'softmax'}),
      ],
    });
    expect(countMacs(model)).toEqual({
      layers: [
        {name: 'c1', macs: 288_000},
        {name: 'c2', macs: 1_600_000},
        {name: 'd1', macs: 400_000},
        {name: 'd2', macs: 5_000},
      ],
      macs: 2_293_000,
      unknown: [],
    });
  });

  it('gives those of a ResNet of 16-32-64 channels', () => {
    const model = MODELS.resnet(1);
    const sizes = model.trainableWeights.map(({shape}) => shape.reduce((a, b) => a! * b!, 1)!);
    expect(sizes.reduce((a, b) => a + b)).toBe(174_970);
    const stages = [
      28 * 28 * 9 * (16 + 4 * 16 * 16),
      14 * 14 * (9 * (16 * 32 + 3 * 32 * 32) + 16 * 32),
      7 * 7 * (9 * (32 * 64 + 3 * 64 * 64) + 32 * 64),
    ];
    const macs = stages.reduce((a, b) => a + b) + 64 * 10;
    expect(countMacs(model)).toMatchObject({macs, unknown: []});
    expect(macs).toBe(20_183_936);
  });

  it('looks into nested models, at the sizes they are used for', () => {
    const conv = layers.conv2d({filters: 3, kernelSize: 3, name: 'c', inputShape: [null, null, 2]});
    const inner = sequential({layers: [conv], name: 'inner'});
    const steps = layers.timeDistributed({layer: inner, name: 'steps'});
    expect(countMacs(inner).layers).toEqual([{name: 'c', macs: 54}]);
    expect(countMacs(around([6, 5, 2], (x) => inner.apply(x))).layers).toEqual([
      {name: 'inner/c', macs: 4 * 3 * 54},
    ]);
    expect(countMacs(around([7, 6, 5, 2], (x) => steps.apply(x))).layers).toEqual([
      {name: 'steps/inner/c', macs: 7 * 4 * 3 * 54},
    ]);
  });

  it('counts a layer once for each use', () => {
    const dense = layers.dense({units: 4, name: 'd'});
    const model = around([4], (x) => dense.apply(dense.apply(x) as T));
    expect(countMacs(model).layers).toEqual([{name: 'd', macs: 32}]);
  });

  it('lists layers that it does not know', () => {
    class Mystery extends layers.Layer {
      static readonly className = 'Mystery';
    }
    serialization.registerClass(Mystery);
    class MysteryCell extends layers.RNNCell {
      static readonly className = 'MysteryCell';
      readonly stateSize = 2;
    }
    const model = around([4, 2], (x) => {
      const y = new Mystery({name: 'odd'}).apply(layers.dense({units: 3}).apply(x)) as T;
      return layers.rnn({cell: new MysteryCell({}), name: 'strange'}).apply(y);
    });
    expect(countMacs(model)).toMatchObject({macs: 24, unknown: ['odd', 'strange']});
  });

  it('refuses what is not a model', () => {
    expect(() => countMacs({} as LayersModel)).toThrow('model: expected a tf.LayersModel');
    expect(() => countMacs(sequential())).toThrow('an empty one');
  });
});

describe('countMacsWithoutZeros', () => {
  /** Ones, but for zeros in the first `counts[i]` numbers of each weight. */
  const withZeros = (model: LayersModel, ...counts: number[]) => {
    model.setWeights(
      model.getWeights().map(({shape, size}, i) =>
        tensor(
          Array.from({length: size}, (_, k) => Number(k >= (counts[i] ?? 0))),
          shape,
        ),
      ),
    );
    return model;
  };
  const one = (shape: Shape, layer: layers.Layer) => around(shape, (x) => layer.apply(x));

  it.each<[string, () => LayersModel, number]>([
    ['Dense', () => withZeros(one([5], layers.dense({units: 3})), 4, 3), 5 * 3 - 4],
    [
      'Conv2D at each place',
      () => withZeros(one([7, 6, 2], layers.conv2d({filters: 3, kernelSize: [3, 2]})), 30),
      5 * 5 * (36 - 30),
    ],
    [
      'SeparableConv2D by both kernels',
      () => withZeros(one([4, 4, 2], layers.separableConv2d({filters: 3, kernelSize: 3})), 8, 1),
      2 * 2 * (18 - 8 + 6 - 1),
    ],
    ['LSTM by both kernels', () => withZeros(one([6, 2], lstm()), 4, 6), 6 * (24 - 4 + 36 - 6)],
  ])('%s', async (_, make, expected) => {
    expect(await countMacsWithoutZeros(make())).toBe(expected);
  });

  it('is countMacs where nothing is zero', async () => {
    const model = withZeros(MODELS.lenet5(1));
    expect(await countMacsWithoutZeros(model)).toBe(countMacs(model).macs);
  });
});
