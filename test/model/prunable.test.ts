import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {PruningError} from '../../lib/base/errors';
import type {LayerSelection} from '../../lib/model/layer_selection';
import {prunableWeights, weightsToPrune} from '../../lib/model/prunable';
import {mlp} from '../setup/models';

const {layers} = tfl;

/** The default, 'orthogonal', needs chained operations. */
const recurrent = {recurrentInitializer: 'glorotUniform'} as const;

function names(model: tfl.LayersModel, selection?: LayerSelection): string[] {
  return prunableWeights(model, selection).map(({name}) => name);
}

function sequential(...list: tfl.layers.Layer[]): tfl.Sequential {
  return tfl.sequential({layers: list});
}

/** input → outer_dense → encoder: (inner: deep) → output */
function nested(): tfl.LayersModel {
  const inner = tfl.sequential({
    name: 'inner',
    layers: [layers.dense({units: 3, name: 'deep', inputShape: [4]})],
  });
  const encoder = tfl.sequential({
    name: 'encoder',
    layers: [layers.dense({units: 4, name: 'shallow', inputShape: [4]}), inner],
  });
  const input = tfl.input({shape: [4]});
  const outer = layers.dense({units: 4, name: 'outer'}).apply(input);
  const encoded = encoder.apply(outer);
  const output = layers.dense({units: 1, name: 'output'}).apply(encoded) as tfl.SymbolicTensor;
  return tfl.model({inputs: input, outputs: output});
}

class Bilinear extends layers.Layer {
  static className = 'Bilinear';

  override build(inputShape: tfl.Shape): void {
    const size = inputShape[inputShape.length - 1]!;
    this.addWeight('left', [size, 2], 'float32', tfl.initializers.ones());
    this.addWeight('cube', [2, size, 2], 'float32', tfl.initializers.ones());
    this.addWeight('offset', [2], 'float32', tfl.initializers.ones());
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return Array.isArray(inputs) ? inputs[0] : inputs;
  }
}

describe('by default', () => {
  it('dense kernels count and biases do not', () => {
    expect(names(mlp())).toEqual(['dense_0/kernel', 'dense_1/kernel']);
  });

  it.each<[string, () => tfl.layers.Layer[], string[]]>([
    [
      'Conv1D',
      () => [layers.conv1d({filters: 2, kernelSize: 2, name: 'c', inputShape: [5, 3]})],
      ['c/kernel'],
    ],
    [
      'Conv2D',
      () => [layers.conv2d({filters: 2, kernelSize: 2, name: 'c', inputShape: [5, 5, 3]})],
      ['c/kernel'],
    ],
    [
      'Conv3D',
      () => [layers.conv3d({filters: 2, kernelSize: 2, name: 'c', inputShape: [4, 4, 4, 1]})],
      ['c/kernel'],
    ],
    [
      'Conv2DTranspose',
      () => [layers.conv2dTranspose({filters: 2, kernelSize: 2, name: 'c', inputShape: [5, 5, 3]})],
      ['c/kernel'],
    ],
    [
      'Conv3DTranspose',
      () => [
        layers.conv3dTranspose({filters: 2, kernelSize: 2, name: 'c', inputShape: [4, 4, 4, 1]}),
      ],
      ['c/kernel'],
    ],
    [
      'SeparableConv2D, pointwise only',
      () => [layers.separableConv2d({filters: 2, kernelSize: 2, name: 's', inputShape: [5, 5, 3]})],
      ['s/pointwise_kernel'],
    ],
    [
      'Embedding',
      () => [layers.embedding({inputDim: 5, outputDim: 2, name: 'e', inputLength: 3})],
      ['e/embeddings'],
    ],
    [
      'SimpleRNN',
      () => [layers.simpleRNN({...recurrent, units: 2, name: 'r', inputShape: [3, 4]})],
      ['r/kernel', 'r/recurrent_kernel'],
    ],
    [
      'LSTM',
      () => [layers.lstm({...recurrent, units: 2, name: 'r', inputShape: [3, 4]})],
      ['r/kernel', 'r/recurrent_kernel'],
    ],
    [
      'GRU',
      () => [layers.gru({...recurrent, units: 2, name: 'r', inputShape: [3, 4]})],
      ['r/kernel', 'r/recurrent_kernel'],
    ],
    [
      'ConvLSTM2D',
      () => [
        layers.convLstm2d({
          ...recurrent,
          filters: 2,
          kernelSize: 2,
          name: 'r',
          inputShape: [3, 4, 4, 1],
        }),
      ],
      ['r/kernel', 'r/recurrent_kernel'],
    ],
    [
      'TimeDistributed',
      () => [
        layers.timeDistributed({
          layer: layers.dense({units: 2, name: 'd'}),
          name: 't',
          inputShape: [3, 4],
        }),
      ],
      ['t/d/kernel'],
    ],
    [
      'Bidirectional',
      () => [
        layers.bidirectional({
          layer: layers.lstm({...recurrent, units: 2, name: 'l'}) as tfl.RNN,
          name: 'b',
          inputShape: [3, 4],
        }),
      ],
      [
        'b/forward_l/kernel',
        'b/forward_l/recurrent_kernel',
        'b/backward_l/kernel',
        'b/backward_l/recurrent_kernel',
      ],
    ],
  ])('%s', (_class, build, wanted) => {
    expect(names(sequential(...build()))).toEqual(wanted);
  });

  it('four kernels of two stacked cells, each with a name of its own', () => {
    const cell = [
      layers.lstmCell({...recurrent, units: 2}),
      layers.gruCell({...recurrent, units: 3}),
    ];
    const model = sequential(layers.rnn({cell, name: 'stack', inputShape: [3, 4]}));
    const found = names(model);
    expect(found).toHaveLength(4);
    expect(found.every((name) => name.startsWith('stack/'))).toBe(true);
    expect(new Set(found).size).toBe(4);
  });

  it('never depthwise kernels, normalization and PReLU', () => {
    const model = sequential(
      layers.depthwiseConv2d({
        kernelSize: 2,
        depthMultiplier: 2,
        name: 'dw',
        inputShape: [4, 4, 3],
      }),
      layers.batchNormalization({name: 'bn'}),
      layers.prelu({name: 'prelu'}),
      layers.flatten(),
      layers.layerNormalization({name: 'ln'}),
      layers.dense({units: 2, name: 'd'}),
    );
    expect(names(model)).toEqual(['d/kernel']);
  });

  it('layers of nested models, by their path', () => {
    expect(names(nested())).toEqual([
      'outer/kernel',
      'encoder/shallow/kernel',
      'encoder/inner/deep/kernel',
      'output/kernel',
    ]);
  });

  it('a layer that is used twice once', () => {
    const shared = layers.dense({units: 4, name: 'shared'});
    const input = tfl.input({shape: [4]});
    const twice = shared.apply(shared.apply(input)) as tfl.SymbolicTensor;
    expect(names(tfl.model({inputs: input, outputs: twice}))).toEqual(['shared/kernel']);
  });

  it('frozen layers too', () => {
    const model = mlp({dense: {trainable: false}});
    expect(names(model)).toEqual(['dense_0/kernel', 'dense_1/kernel']);
  });

  it('no custom layer', () => {
    const model = sequential(
      new Bilinear({name: 'custom', inputShape: [3]}),
      layers.dense({units: 2, name: 'd'}),
    );
    expect(names(model)).toEqual(['d/kernel']);
  });

  it('a custom layer whose fields are called like those of a wrapper is no wrapper', () => {
    class Grid extends Bilinear {
      static override className = 'Grid';
      readonly cells = 4;
      readonly layer = 'relu';
    }
    const model = sequential(
      new Grid({name: 'grid', inputShape: [3]}),
      layers.dense({units: 2, name: 'd'}),
    );
    expect(names(model)).toEqual(['d/kernel']);
    expect(names(model, ['grid'])).toEqual(['grid/left', 'grid/cube']);
  });

  it('each weight with its variable and the layer that owns it', () => {
    const model = nested();
    const deep = prunableWeights(model)[2];
    const inner = (model.getLayer('encoder') as tfl.Sequential).layers[1] as tfl.Sequential;
    expect(deep.layer).toBe(inner.layers[0]);
    expect(deep.variable).toBe(inner.layers[0].weights[0]);
    expect(deep.sparsity).toBeUndefined();
  });
});

describe('selection by a predicate', () => {
  it('keeps the layers it is true for', () => {
    expect(names(mlp(), (layer) => layer.name === 'dense_1')).toEqual(['dense_1/kernel']);
  });

  it('takes only what is prunable by default', () => {
    const model = sequential(
      layers.depthwiseConv2d({kernelSize: 2, name: 'dw', inputShape: [4, 4, 3]}),
      layers.flatten(),
      layers.dense({units: 2, name: 'd'}),
      new Bilinear({name: 'custom'}),
    );
    expect(names(model, () => true)).toEqual(['d/kernel']);
  });

  it('is asked about layers inside nested models', () => {
    expect(names(nested(), ({name}) => name === 'deep')).toEqual(['encoder/inner/deep/kernel']);
  });

  it('is asked about a recurrent layer, not its cell', () => {
    const model = sequential(
      layers.lstm({...recurrent, units: 2, name: 'memory', inputShape: [3, 4]}),
      layers.dense({units: 2, name: 'd'}),
    );
    expect(names(model, (layer) => layer.getClassName() === 'LSTM')).toEqual([
      'memory/kernel',
      'memory/recurrent_kernel',
    ]);
  });

  it('is refused where it is never true', () => {
    expect(() => names(mlp(), () => false)).toThrow(
      'layers: expected at least one layer with weights that can be pruned, ' +
        "but got 'none of dense_0, dense_1'.",
    );
  });
});

describe('selection by names', () => {
  it('keeps the named layers, in the order of the model', () => {
    const model = mlp({units: [3, 3, 3]});
    expect(names(model, ['dense_2', 'dense_0'])).toEqual(['dense_0/kernel', 'dense_2/kernel']);
  });

  it('takes a nested model by its name, whole', () => {
    expect(names(nested(), ['encoder'])).toEqual([
      'encoder/shallow/kernel',
      'encoder/inner/deep/kernel',
    ]);
  });

  it('takes a single weight by its path, but not by its own name', () => {
    const model = sequential(
      layers.lstm({...recurrent, units: 2, name: 'memory', inputShape: [3, 4]}),
      layers.dense({units: 2, name: 'd'}),
    );
    expect(names(model, ['memory/recurrent_kernel'])).toEqual(['memory/recurrent_kernel']);
    expect(names(model, {memory: false, 'memory/kernel': 0.5})).toEqual([
      'memory/kernel',
      'd/kernel',
    ]);
    expect(names(nested(), ['inner/deep/kernel'])).toEqual(['encoder/inner/deep/kernel']);
    for (const name of ['kernel', 'bias', 'd/recurrent_kernel', 'emory/kernel']) {
      expect(() => names(model, [name])).toThrow(`but got '${name}'.`);
    }
  });

  it.each(['deep', 'encoder/inner/deep', 'inner', 'encoder/inner', 'inner/deep'])(
    'takes %s',
    (name) => {
      expect(names(nested(), [name])).toEqual(['encoder/inner/deep/kernel']);
    },
  );

  it('takes a wrapper, a direction and a wrapped layer', () => {
    const model = sequential(
      layers.bidirectional({
        layer: layers.gru({...recurrent, units: 2, name: 'g', returnSequences: true}) as tfl.RNN,
        name: 'both',
        inputShape: [3, 4],
      }),
      layers.timeDistributed({layer: layers.dense({units: 2, name: 'd'}), name: 'td'}),
    );
    expect(names(model, ['both'])).toHaveLength(4);
    expect(names(model, ['backward_g'])).toEqual([
      'both/backward_g/kernel',
      'both/backward_g/recurrent_kernel',
    ]);
    expect(names(model, ['td'])).toEqual(['td/d/kernel']);
    expect(names(model, ['d'])).toEqual(['td/d/kernel']);
  });

  it('takes weights of rank 2 and more of a custom layer', () => {
    const model = sequential(new Bilinear({name: 'custom', inputShape: [3]}));
    expect(names(model, ['custom'])).toEqual(['custom/left', 'custom/cube']);
  });

  it('takes a depthwise kernel, but no normalization', () => {
    const model = sequential(
      layers.depthwiseConv2d({kernelSize: 2, name: 'dw', inputShape: [4, 4, 3]}),
      layers.batchNormalization({name: 'bn'}),
    );
    expect(names(model, ['dw'])).toEqual(['dw/depthwise_kernel']);
    expect(() => names(model, ['bn'])).toThrow(PruningError);
  });

  it('takes no normalization over several axes', () => {
    const model = sequential(
      layers.layerNormalization({axis: [1, 2], name: 'ln', inputShape: [3, 4]}),
      layers.dense({units: 2, name: 'd'}),
    );
    expect(model.getLayer('ln').weights[0].shape).toEqual([3, 4]);
    expect(() => names(model, ['ln'])).toThrow("but got 'ln'.");
  });

  it('finds a layer that two nested models share under both', () => {
    const shared = layers.dense({units: 4, name: 'shared', inputShape: [4]});
    const first = tfl.sequential({name: 'first', layers: [shared]});
    const input = tfl.input({shape: [4]});
    const second = tfl.model({
      name: 'second',
      inputs: input,
      outputs: shared.apply(input) as tfl.SymbolicTensor,
    });
    const start = tfl.input({shape: [4]});
    const model = tfl.model({
      inputs: start,
      outputs: second.apply(first.apply(start)) as tfl.SymbolicTensor,
    });
    expect(prunableWeights(model)).toHaveLength(1);
    expect(prunableWeights(model, ['first'])).toHaveLength(1);
    expect(prunableWeights(model, ['second'])).toHaveLength(1);
    expect(prunableWeights(model, ['second/shared'])).toHaveLength(1);
  });

  it('is refused for a name that no layer has', () => {
    expect(() => names(mlp(), ['dense_0', 'dense_9'])).toThrow(
      'layers: expected names of layers with weights that can be pruned: dense_0, dense_1 ' +
        "(perhaps 'dense_0'), but got 'dense_9'.",
    );
  });

  it('is refused where it is empty', () => {
    expect(() => names(mlp(), [])).toThrow(PruningError);
  });
});

describe('selection by a map', () => {
  const selected = (model: tfl.LayersModel, selection: LayerSelection) =>
    prunableWeights(model, selection).map(({name, sparsity}) => [name, sparsity]);

  it('gives named layers their sparsity and leaves false ones alone', () => {
    const model = mlp({units: [3, 3, 3]});
    expect(selected(model, {dense_0: 0.25, dense_2: false})).toEqual([
      ['dense_0/kernel', 0.25],
      ['dense_1/kernel', undefined],
    ]);
  });

  it('is the default where it is empty', () => {
    expect(selected(mlp(), {})).toEqual([
      ['dense_0/kernel', undefined],
      ['dense_1/kernel', undefined],
    ]);
  });

  it('prefers the more precise of two names', () => {
    const wanted = [
      ['outer/kernel', undefined],
      ['encoder/inner/deep/kernel', 0.5],
      ['output/kernel', undefined],
    ];
    expect(selected(nested(), {encoder: false, 'encoder/inner/deep': 0.5})).toEqual(wanted);
    expect(selected(nested(), {'encoder/inner/deep': 0.5, encoder: false})).toEqual(wanted);
  });

  it('prefers the name of a layer to that of a nested model around it, however long', () => {
    const inside = layers.dense({units: 2, name: 'd', inputShape: [4]});
    const model = sequential(tfl.sequential({name: 'a_long_name', layers: [inside]}));
    expect(selected(model, {a_long_name: 0.9, d: 0.5})).toEqual([['d/kernel', 0.5]]);
  });

  it('adds custom layers that have a sparsity', () => {
    const model = sequential(
      new Bilinear({name: 'custom', inputShape: [3]}),
      layers.dense({units: 2, name: 'd'}),
    );
    expect(selected(model, {custom: 0.3})).toEqual([
      ['custom/left', 0.3],
      ['custom/cube', 0.3],
      ['d/kernel', undefined],
    ]);
  });

  it('is refused where all is false', () => {
    expect(() => selected(mlp(), {dense_0: false, dense_1: false})).toThrow(PruningError);
  });

  it('is refused for a name that no layer has', () => {
    expect(() => selected(mlp(), {dense: 0.5})).toThrow("but got 'dense'.");
  });
});

it('refuses a model without anything to prune', () => {
  const model = sequential(
    layers.flatten({inputShape: [2, 2]}),
    layers.activation({activation: 'relu'}),
  );
  expect(() => names(model)).toThrow(
    "layers: expected at least one layer with weights that can be pruned, but got 'a model without one'.",
  );
});

it('reads nothing and makes no tensors', () => {
  const model = mlp();
  const before = tf.memory().numTensors;
  names(model, {dense_0: 0.5});
  expect(tf.memory().numTensors).toBe(before);
});

describe('selection by expressions, layers and paths of weights', () => {
  const lstm = () =>
    sequential(
      layers.lstm({...recurrent, units: 2, name: 'memory', inputShape: [3, 4]}),
      layers.dense({units: 2, name: 'd'}),
    );

  it.each<[LayerSelection, string[]]>([
    [[/^outer/], ['outer/kernel']],
    [[/deep|shallow/], ['encoder/shallow/kernel', 'encoder/inner/deep/kernel']],
    [[/^encoder\/inner/g], ['encoder/inner/deep/kernel']],
    [
      [/output\/kernel$/, 'outer'],
      ['outer/kernel', 'output/kernel'],
    ],
    [[/output\/bias$/], ['output/bias']],
    [
      ['inner/deep/bias', 'output'],
      ['encoder/inner/deep/bias', 'output/kernel'],
    ],
    [{outer: false, encoder: false, 'output/bias': 0.5}, ['output/kernel', 'output/bias']],
  ])('%p', (selection, expected) => {
    const model = nested();
    expect(names(model, selection)).toEqual(expected);
    // An expression with a state of its own is asked again.
    expect(names(model, selection)).toEqual(expected);
  });

  it('takes layers, wrappers and nested models themselves', () => {
    const model = nested();
    const [, outer, encoder] = model.layers;
    expect(names(model, [outer])).toEqual(['outer/kernel']);
    expect(names(model, [encoder])).toEqual([
      'encoder/shallow/kernel',
      'encoder/inner/deep/kernel',
    ]);
    const other = lstm();
    expect(names(other, [other.layers[0]])).toEqual(['memory/kernel', 'memory/recurrent_kernel']);
  });

  it('takes a bias only where it is meant itself', () => {
    const model = lstm();
    expect(names(model, [/memory/])).toEqual(['memory/kernel', 'memory/recurrent_kernel']);
    expect(names(model, [/./])).toEqual(names(model));
    expect(names(model, [/bias/])).toEqual(['memory/bias', 'd/bias']);
    expect(names(model, ['memory/bias'])).toEqual(['memory/bias']);
    expect(names(model, () => true)).toEqual(names(model));
  });

  it.each<[LayerSelection, string]>([
    [['memory/recurent_kernel'], "(perhaps 'memory/recurrent_kernel')"],
    [['memroy'], "(perhaps 'memory')"],
    [{Memory: 0.5}, "(perhaps 'memory')"],
    [[/conv/], 'memory, d, but got /conv/.'],
    [[layers.dense({units: 1, name: 'd'})], "but got 'd, a layer of another model'."],
  ])('refuses %p, and names what is near', (selection, message) => {
    expect(() => names(lstm(), selection)).toThrow(message);
  });

  it('names no more than five', () => {
    const model = mlp({units: [2, 2, 2, 2, 2, 2, 2]});
    expect(() => names(model, ['x'])).toThrow('dense_3, dense_4 and 2 more, but got');
  });
});

describe('frozen weights', () => {
  const toPrune = (model: tfl.LayersModel, selection?: LayerSelection) =>
    weightsToPrune(model, selection).map(({name}) => name);

  it('are left alone however they were frozen', () => {
    const [all, some] = [['dense_0/kernel', 'dense_1/kernel'], ['dense_1/kernel']];
    const model = mlp();
    expect(toPrune(model)).toEqual(all);
    model.layers[0].trainable = false;
    expect(toPrune(model)).toEqual(some);
    model.layers[0].trainable = true;
    expect(toPrune(model)).toEqual(all);
    const outer = nested();
    outer.layers[2].trainable = false;
    expect(toPrune(outer)).toEqual(['outer/kernel', 'output/kernel']);
    const [kernel] = outer.layers[1].trainableWeights;
    kernel.trainable = false;
    expect(toPrune(outer)).toEqual(['output/kernel']);
    // Compiled while it was frozen, it does not train until the next compile.
    outer.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    kernel.trainable = true;
    expect(toPrune(outer)).toEqual(['output/kernel']);
  });

  it('are pruned where a name or a predicate means no others', () => {
    const model = nested();
    const [, outer, encoder] = model.layers;
    outer.trainable = false;
    encoder.trainable = false;
    expect(toPrune(model)).toEqual(['output/kernel']);
    expect(toPrune(model, ['outer'])).toEqual(['outer/kernel']);
    expect(toPrune(model, [encoder, 'output'])).toEqual([
      'encoder/shallow/kernel',
      'encoder/inner/deep/kernel',
      'output/kernel',
    ]);
    expect(toPrune(model, [/^out/])).toEqual(['output/kernel']);
    expect(toPrune(model, ({name}) => name.startsWith('out'))).toEqual(['output/kernel']);
    expect(toPrune(model, ({name}) => name === 'outer')).toEqual(['outer/kernel']);
    expect(toPrune(model, {outer: 0.5})).toEqual(['outer/kernel', 'output/kernel']);
    expect(toPrune(model, {output: 0.5})).toEqual(['output/kernel']);
    expect(() => toPrune(model, {output: false})).toThrow('of which some are frozen');
  });

  it('are pruned where all of a model is frozen', () => {
    const model = mlp();
    model.layers.forEach((layer) => (layer.trainable = false));
    expect(toPrune(model)).toEqual(names(model));
  });
});

it('goes by what tfjs trains where a model begins a Sequential', () => {
  const base = mlp({units: [3]}) as unknown as tfl.layers.Layer;
  const model = sequential(base, layers.dense({units: 2, name: 'head'}));
  expect(names(model)).toEqual(['dense_0/kernel', 'head/kernel']);
  model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
  expect(names(model)).toEqual(['dense_0/kernel', 'head/kernel']);
  const inner = Reflect.get(model, 'model') as tfl.LayersModel;
  expect(names(inner)).toEqual(names(model));
  expect(names(inner, [base])).toEqual(['dense_0/kernel']);
});
