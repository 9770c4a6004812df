import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  type LayersModel,
  model as makeModel,
  sequential,
  type SymbolicTensor as T,
} from '@tensorflow/tfjs-layers';

import {NeuronPruner, type NeuronPrunerArgs, shrink, stripPruning} from '../../lib';
import {registerTrainingKernels} from '../../lib/wasm';
import {scoresOf} from '../channels/importances/scores';
import {backendName} from '../setup/backend';
import {countReads, data, dataset, mlp, QUIET, train, values, zeroPositions} from '../setup/models';
import {largestError, predict} from '../shrink/fuzz_once';
import {randomInputs} from '../shrink/random_model';

const ARGS: NeuronPrunerArgs = {
  initialSparsity: 0.5,
  finalSparsity: 0.5,
  beginStep: 0,
  endStep: 4,
  frequency: 2,
};

beforeAll(() => {
  if (backendName === 'wasm') {
    registerTrainingKernels();
  }
});

async function fit(model: LayersModel, pruner: NeuronPruner) {
  model.compile({optimizer: tf.train.adam(0.01), loss: 'meanSquaredError'});
  const shape = model.inputs[0].shape.slice(1) as number[];
  const isWords = model.inputs[0].dtype === 'int32';
  const x = isWords
    ? tf.ones([40, ...shape], 'int32')
    : tf.randomNormal([40, ...shape], 0, 1, 'float32', 5);
  const y = tf.ones([40, 2]);
  await model.fit(x, y, {...QUIET, epochs: 2, callbacks: [pruner]});
  tf.dispose([x, y]);
}

/** Shapes of all weights of the shrunk model, which must predict the same. */
async function shapesAfter(model: LayersModel) {
  const smaller = await shrink(stripPruning(model));
  const inputs = randomInputs(model, 7);
  expect(await largestError(predict(model, inputs), predict(smaller, inputs))).toBeLessThan(1e-5);
  return smaller.weights.map(({shape}) => shape);
}

const out = () => layers.dense({units: 2, name: 'out'});

describe('NeuronPruner', () => {
  it('prunes units of dense layers, and none of the outputs', async () => {
    const model = mlp({units: [6, 4, 2]});
    const pruner = new NeuronPruner(ARGS);
    await fit(model, pruner);
    expect(pruner.sparsity).toBe(0.5);
    const gone = zeroPositions(values(model.getLayer('dense_0').weights[1]));
    expect(gone).toHaveLength(3);
    expect(await shapesAfter(model)).toEqual([[4, 3], [3], [3, 2], [2], [2, 2], [2]]);
  });

  it.each(['lstm', 'gru', 'simpleRNN'] as const)('prunes units of %s', async (kind) => {
    const recurrentInitializer = 'glorotUniform';
    const recurrent = layers[kind]({units: 6, recurrentInitializer, inputShape: [3, 4]});
    const model = sequential({layers: [recurrent, out()]});
    await fit(model, new NeuronPruner(ARGS));
    const gates = {lstm: 4, gru: 3, simpleRNN: 1}[kind];
    const columns = 3 * gates;
    const shapes = [[4, columns], [3, columns], [columns], [3, 2], [2]];
    expect(await shapesAfter(model)).toEqual(shapes);
  });

  it('prunes the dimensions of an embedding, and those that are added to them', async () => {
    const x = input({shape: [4], dtype: 'int32'});
    const words = layers.embedding({inputDim: 7, outputDim: 6, name: 'words'});
    const bigrams = layers.embedding({inputDim: 7, outputDim: 6, name: 'bigrams'});
    const sums = layers.add().apply([words.apply(x) as T, bigrams.apply(x) as T]);
    const read = layers.conv1d({filters: 3, kernelSize: 2, name: 'conv'}).apply(sums);
    const flat = layers.globalMaxPooling1d({}).apply(read) as T;
    const model = makeModel({inputs: x, outputs: out().apply(flat) as T});
    const pruner = new NeuronPruner(ARGS);
    await fit(model, pruner);
    expect(pruner.sparsity).toBe(0.5);
    expect(await shapesAfter(model)).toEqual([[7, 3], [7, 3], [2, 3, 3], [3], [3, 2], [2]]);
  });

  it('prunes the layer before the outputs behind a convolution and flatten', async () => {
    const model = sequential({
      layers: [
        layers.conv2d({filters: 4, kernelSize: 2, inputShape: [3, 3, 1], name: 'conv'}),
        layers.flatten(),
        layers.dense({units: 8, name: 'hidden', activation: 'relu'}),
        out(),
      ],
    });
    await fit(model, new NeuronPruner({...ARGS, finalSparsity: 0.75}));
    const shapes = [[2, 2, 1, 4], [4], [16, 2], [2], [2, 2], [2]];
    expect(await shapesAfter(model)).toEqual(shapes);
  });

  it('refuses a layer named that is an output, and a layer of another kind', async () => {
    const model = mlp();
    const refused = async (layers: string[]) => {
      const pruner = new NeuronPruner({...ARGS, layers});
      pruner.setModel(model);
      return expect(pruner.onTrainBegin()).rejects;
    };
    await (
      await refused(['dense_1'])
    ).toThrow(/layers whose channels can be pruned, but got 'dense_1: /);
    await (await refused(['conv'])).toThrow(/names of layers among dense_0, dense_1 \(.*\), but/);
  });

  it('refuses a model with nothing but outputs', async () => {
    const pruner = new NeuronPruner(ARGS);
    pruner.setModel(mlp({units: [2]}));
    await expect(pruner.onTrainBegin()).rejects.toThrow(
      /at least one layer whose channels can be pruned, but got 'none of dense_0/,
    );
  });

  it('finds a NaN, and warns of training that ends too early', async () => {
    const model = mlp();
    const nan = new NeuronPruner({...ARGS, importance: (kernel) => tf.mul(tf.sum(kernel, 0), NaN)});
    await expect(fit(model, nan)).rejects.toThrow(
      "importance of the channels of 'dense_0' at step 0: expected finite numbers",
    );
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    await fit(model, new NeuronPruner({...ARGS, initialSparsity: 0, endStep: 9}));
    expect(warn.mock.calls).toEqual([[expect.stringContaining('1 step before endStep (9)')]]);
    warn.mockRestore();
    stripPruning(model);
  });

  it('works in a loop of trainOnBatch, where onTrainEnd makes the last update', async () => {
    const model = mlp();
    const pruner = new NeuronPruner({...ARGS, beginStep: 1});
    pruner.setModel(model);
    await pruner.onTrainBegin();
    await train(model, 6);
    expect(pruner.sparsity).toBe(0);
    await pruner.onTrainEnd();
    expect(pruner.sparsity).toBe(0.5);
    expect(zeroPositions(values(model.getLayer('dense_0').weights[1]))).toHaveLength(3);
    stripPruning(model);
  });

  it('reads once for an update, and never between', async () => {
    const model = mlp();
    const pruner = new NeuronPruner({...ARGS, initialSparsity: 0, power: 1});
    pruner.setModel(model);
    await pruner.onTrainBegin();
    const {x, y} = data();
    const reads = countReads(tf.engine() as never);
    const each: number[] = [];
    for (let step = 1; step <= 5; ++step) {
      await model.trainOnBatch(x, y);
      const before = reads.count();
      await pruner.onBatchEnd(step);
      each.push(reads.count() - before);
    }
    reads.restore();
    await pruner.onTrainEnd();
    stripPruning(model);
    tf.dispose([x, y]);
    expect(each).toEqual([0, 1, 0, 1, 0]);
  });

  it('looks at data: the units go that the loss misses least', async () => {
    const model = mlp();
    const {x, y} = data();
    const calibration = {x, y, batchSize: 15};
    const importance = 'lossChange';
    const expected = await scoresOf(model, 'dense_0', {importance, calibration});
    const tensors = tf.memory().numTensors;
    const pruner = new NeuronPruner({...ARGS, endStep: 0, importance, calibration});
    pruner.setModel(model);
    await pruner.onTrainBegin();
    const gone = zeroPositions(values(model.getLayer('dense_0').weights[0])).slice(0, 3);
    const order = [...expected.keys()].sort((i, j) => expected[i] - expected[j]);
    expect(gone).toEqual(order.slice(0, 3).sort());
    await pruner.onTrainEnd();
    stripPruning(model);
    expect(tf.memory().numTensors).toBe(tensors);
    tf.dispose([x, y]);
  });

  it('waits for the first gradients, by taylor without data', async () => {
    const model = mlp();
    const {x, y} = data();
    await model.trainOnBatch(x, y);
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    await model.trainOnBatch(x, y);
    const tensors = tf.memory().numTensors;
    const pruner = new NeuronPruner({...ARGS, beginStep: 1, endStep: 2, importance: 'taylor'});
    pruner.setModel(model);
    await pruner.onTrainBegin();
    expect(pruner.sparsity).toBe(0);
    for (let batch = 0; batch < 3; ++batch) {
      const metrics = await model.trainOnBatch(x, y);
      expect(typeof metrics).toBe('number');
      await pruner.onBatchEnd(batch);
      expect(pruner.sparsity).toBe(0.5);
    }
    await pruner.onTrainEnd();
    stripPruning(model);
    expect(tf.memory().numTensors).toBe(tensors);
    tf.dispose([x, y]);
  });

  it.each(['taylor', 'gradientChange', 'meanActivation'] as const)(
    'prunes by %s on a dataset while it fits one, and leaves no tensors',
    async (importance) => {
      const model = mlp();
      const {x, y} = data();
      await model.fit(x, y, {...QUIET, epochs: 1});
      tf.dispose([x, y]);
      const tensors = tf.memory().numTensors;
      const pruner = new NeuronPruner({
        ...ARGS,
        initialSparsity: 0.1,
        endStep: 8,
        importance,
        calibration: dataset(),
      });
      await model.fitDataset(dataset(), {epochs: 2, verbose: 0, callbacks: [pruner]});
      expect(pruner.sparsity).toBe(0.5);
      stripPruning(model);
      expect(tf.memory().numTensors).toBe(tensors);
    },
  );
});
