import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {PolynomialDecay} from '../../lib/callbacks/polynomial_decay';
import {QuantizeAware} from '../../lib/callbacks/quantize_aware';
import type {SampleDataset} from '../../lib/data/samples';
import {readWeight} from '../../lib/model/read_weight';
import type {Recipe} from '../../lib/recipe/recipe';
import {recipeCallbacks, type RecipeProgress, runRecipe} from '../../lib/recipe/run_recipe';
import {sparsityReport} from '../../lib/report/report';
import {random} from '../setup/models';

const decay = {
  initialSparsity: 0,
  finalSparsity: 0.75,
  beginStep: 0,
  endStep: 1,
  frequency: 1,
  unit: 'epoch',
} as const;

let x: tf.Tensor2D;
let y: tf.Tensor2D;

beforeAll(() => {
  const next = random(1);
  const rows = Array.from({length: 48}, () => Array.from({length: 8}, () => next() - 0.5));
  x = tf.tensor2d(rows);
  const classes = rows.map((row) => row.indexOf(Math.max(...row.slice(0, 3))));
  y = tf.cast(tf.oneHot(tf.tensor1d(classes, 'int32'), 3), 'float32') as tf.Tensor2D;
});

afterAll(() => tf.dispose([x, y]));

function classifier(): tfl.Sequential {
  const {dense} = tfl.layers;
  const kernelInitializer = (seed: number) => tfl.initializers.glorotUniform({seed});
  const model = tfl.sequential({
    layers: [
      dense({
        units: 16,
        activation: 'relu',
        inputShape: [8],
        name: 'hidden',
        kernelInitializer: kernelInitializer(1),
      }),
      dense({
        units: 3,
        activation: 'softmax',
        name: 'output',
        kernelInitializer: kernelInitializer(2),
      }),
    ],
  });
  model.compile({optimizer: 'adam', loss: 'categoricalCrossentropy', metrics: ['accuracy']});
  return model;
}

/** One batch, made when it is asked for. */
function dataset(): SampleDataset {
  async function* batches() {
    yield {xs: tf.clone(x), ys: tf.clone(y)};
  }
  return {size: 1, iterator: async () => batches()} as never;
}

const valuesOf = (model: tfl.LayersModel) =>
  Promise.all(model.weights.map(async (weight) => [...(await readWeight(weight).data())]));

describe('recipeCallbacks', () => {
  it('makes the callbacks of each step, those that prune before those that round', () => {
    const recipe: Recipe = {
      steps: [{epochs: 1}, {epochs: 1, QuantizeAware: {dtype: 4}, PolynomialDecay: decay}],
    };
    const [none, both] = recipeCallbacks(recipe);
    expect(none).toEqual([]);
    expect(both[0]).toBeInstanceOf(PolynomialDecay);
    expect(both[1]).toBeInstanceOf(QuantizeAware);
    expect((both[0] as PolynomialDecay).sparsityAt(1)).toBe(0.75);
  });

  it.each<[Partial<Recipe['steps'][0]>, string]>([
    [
      {PolynomialDecay: {...decay, finalSparsty: 0.9} as never},
      'steps[1].PolynomialDecay: expected options among initialSparsity, finalSparsity, ',
    ],
    [
      {PolynomialDecay: {...decay, finalSparsty: 0.9} as never},
      "(perhaps finalSparsity), but got 'fin",
    ],
    [
      {PolynomialDecay: {...decay, finalSparsity: 1}},
      'steps[1].PolynomialDecay.finalSparsity: expected a number in [0, 1), but got 1.',
    ],
    [
      {LayerPruner: {maxDrop: 0.1, validation: 'validation'}},
      "steps[1].LayerPruner.validation: expected the name of data: train, but got 'validation'.",
    ],
  ])('refuses %j by its place', (wrong, message) => {
    expect(() =>
      recipeCallbacks({steps: [{epochs: 1}, {epochs: 1, ...wrong}]}, {train: {x, y}}),
    ).toThrow(message);
  });
});

describe('runRecipe', () => {
  it('takes a vector of targets for one output, as fit does', async () => {
    const column = tf.slice(y, [0, 0], [-1, 1]);
    const vector = tf.squeeze(column, [1]);
    const trained = async (targets: tf.Tensor) => {
      const model = tfl.sequential();
      const kernelInitializer = tfl.initializers.glorotUniform({seed: 3});
      model.add(tfl.layers.dense({units: 1, inputShape: [8], kernelInitializer}));
      model.compile({optimizer: 'adam', loss: 'meanSquaredError'});
      const data = {x, y: targets};
      await runRecipe(model, {steps: [{epochs: 2}]}, {train: data, validation: data});
      return valuesOf(model);
    };
    expect(await trained(vector)).toEqual(await trained(column));
    tf.dispose([column, vector]);
  });

  it.each<[string, () => {x?: tf.Tensor; y?: tf.Tensor}, string]>([
    ['inputs', () => ({x: tf.ones([48, 7])}), 'train.x: expected a tensor of shape [samples, 8]'],
    ['targets', () => ({y: tf.ones([48, 1])}), 'train.y: expected a tensor of shape [samples, 3]'],
    ['a number', () => ({y: tf.ones([47, 3])}), 'train.y: expected as many samples as inputs, 48'],
  ])('refuses %s that the model does not take', async (_, wrong, message) => {
    const train = {x, y, ...wrong()};
    await expect(runRecipe(classifier(), {steps: [{epochs: 1}]}, {train})).rejects.toThrow(message);
  });

  it('prunes, holds the zeros while it learns from the teacher, rounds, and leaves no tensor', async () => {
    const model = classifier();
    const {optimizer} = model;
    await model.fit(x, y, {verbose: 0}); // Makes what the optimizer needs.
    const tensors = tf.memory().numTensors;
    const told: RecipeProgress[] = [];
    const {model: trained, steps} = await runRecipe(
      model,
      {
        steps: [
          {epochs: 2, PolynomialDecay: decay},
          {name: 'recover', epochs: 1, distill: {temperature: 2}, learningRate: 0.01},
          {epochs: 1, QuantizeAware: {dtype: 3}},
        ],
      },
      {
        train: {x, y, batchSize: 16},
        validation: {x, y},
        onProgress: (progress) => {
          told.push(progress);
        },
      },
    );
    expect(trained).toBe(model);
    expect(model.optimizer).toBe(optimizer);
    expect(tf.memory().numTensors).toBe(tensors);
    expect((await sparsityReport(model)).sparsity).toBeGreaterThanOrEqual(0.75);
    const [kernel] = await valuesOf(model);
    expect(new Set(kernel).size).toBeLessThanOrEqual(8);
    expect(steps.map(({name, epochs, sparsity}) => [name, epochs, sparsity >= 0.75])).toEqual([
      ['PolynomialDecay', 2, true],
      ['recover', 1, true],
      ['QuantizeAware', 1, true],
    ]);
    expect(Object.keys(steps[1].logs).sort()).toEqual(['acc', 'loss', 'val_acc', 'val_loss']);
    expect(told.map(({step, epoch, epochsDone}) => [step, epoch, epochsDone])).toEqual([
      [0, 1, 1],
      [0, 2, 2],
      [1, 1, 3],
      [2, 1, 4],
    ]);
    expect(told[3]).toMatchObject({totalEpochs: 4, secondsLeft: 0});
    model.dispose();
  });

  it('gives the same weights again for the same seed, and others for another', async () => {
    const run = async (seed: number) => {
      const model = classifier();
      const steps = [{epochs: 2, ConstantSparsity: {targetSparsity: 0.5, beginStep: 0}}];
      await runRecipe(model, {steps, seed}, {train: {x, y, batchSize: 8}});
      const values = await valuesOf(model);
      model.dispose();
      return values;
    };
    const first = await run(1);
    expect(await run(1)).toEqual(first);
    expect(await run(2)).not.toEqual(first);
  });

  it('goes on with the smaller model after a step that shrinks, its zeros held', async () => {
    const model = classifier();
    const tensors = tf.memory().numTensors;
    const {model: smaller, steps} = await runRecipe(
      model,
      {
        steps: [
          {epochs: 2, PolynomialDecay: decay},
          {epochs: 2, NeuronPruner: {...decay, finalSparsity: 0.5}, shrink: true},
          {epochs: 1, distill: {}},
        ],
      },
      {train: {x, y, batchSize: 16}},
    );
    expect(steps.map(({parameters}) => parameters)).toEqual([195, 99, 99]);
    expect(steps[2].sparsity).toBeGreaterThan(0.4);
    expect(steps[2].sparsity).toBe(steps[1].sparsity);
    expect(smaller).not.toBe(model);
    expect(smaller.countParams()).toBe(99);
    smaller.dispose();
    expect(tf.memory().numTensors).toBe(tensors);
    model.dispose();
  });

  it('learns from hints, of a smaller model too, and validates by the labels', async () => {
    const model = classifier();
    const [{name: hidden}] = model.layers;
    const tensors = tf.memory().numTensors;
    const {model: smaller, steps} = await runRecipe(
      model,
      {
        steps: [
          {epochs: 1, NeuronPruner: {...decay, finalSparsity: 0.5}, shrink: true},
          {
            epochs: 4,
            distill: {hints: {[hidden]: hidden}, hintWeight: 20},
            PolynomialDecay: {...decay, finalSparsity: 0.25},
          },
        ],
      },
      {train: {x, y, batchSize: 8}, validation: {x, y}},
    );
    const {logs} = steps[1];
    expect(Object.keys(logs)).toEqual(expect.arrayContaining(['loss', 'val_loss', 'val_acc']));
    const [loss, accuracy] = smaller.evaluate(x, y) as tf.Scalar[];
    expect((await loss.data())[0]).toBeCloseTo(logs.val_loss, 5);
    expect((await accuracy.data())[0]).toBeCloseTo(logs.val_acc, 5);
    expect(steps[1].sparsity).toBeGreaterThanOrEqual(0.24);
    tf.dispose([loss, accuracy]);
    smaller.dispose();
    expect(tf.memory().numTensors).toBe(tensors);
    model.dispose();
  });

  it('keeps the best weights of a step', async () => {
    const model = classifier();
    const values: number[] = [];
    const steps = [{epochs: 4, learningRate: 0.5, BestWeights: {metric: 'val_loss', from: 1}}];
    await runRecipe(
      model,
      {steps},
      {
        train: {x, y, batchSize: 8},
        validation: {x, y},
        onProgress: ({logs}) => {
          values.push(logs.val_loss);
        },
      },
    );
    const [loss] = model.evaluate(x, y) as tf.Scalar[];
    expect((await loss.data())[0]).toBeCloseTo(Math.min(...values.slice(1)), 5);
    model.dispose();
  });

  it('asks the teacher once for a dataset whose answers it may keep, and frees them', async () => {
    const model = classifier();
    const ask = jest.spyOn(tfl.LayersModel.prototype, 'predict');
    const tensors = tf.memory().numTensors;
    const steps = [{epochs: 3, distill: {cache: true}}];
    await runRecipe(model, {steps}, {train: dataset()});
    expect(ask).toHaveBeenCalledTimes(1);
    ask.mockRestore();
    expect(tf.memory().numTensors).toBe(tensors);
    model.dispose();
  });

  it('compiles by the recipe, and takes a dataset', async () => {
    const layer = tfl.layers.dense({units: 3, inputShape: [8], name: 'only'});
    const model = tfl.sequential({layers: [layer]});
    const train = dataset();
    const steps = [{epochs: 1, ConstantSparsity: {targetSparsity: 0.5, beginStep: 0}}];
    await expect(runRecipe(model, {steps}, {train})).rejects.toThrow(
      'model: expected a compiled model, or a recipe with compile',
    );
    const compile = {optimizer: 'sgd', loss: 'meanSquaredError'};
    const {steps: reports} = await runRecipe(model, {compile, steps}, {train});
    expect(reports[0].sparsity).toBe(0.5);
    await expect(
      runRecipe(model, {compile: {...compile, optimizer: 'adma'}, steps}, {train}),
    ).rejects.toThrow('compile: expected names of an optimizer, a loss and metrics of tfjs');
    model.dispose();
  });

  it.each<[string, Recipe, string]>([
    [
      'a layer that is unknown, in the second step',
      {
        steps: [
          {epochs: 1, PolynomialDecay: decay},
          {epochs: 1, QuantizeAware: {layers: ['x']}},
        ],
      },
      'steps[1].layers: expected names of',
    ],
    [
      'a temperature of 0, before anything',
      {steps: [{epochs: 1}, {epochs: 1, distill: {temperature: 0}}]},
      'steps[1].distill.temperature: expected a number above 0, but got 0.',
    ],
  ])('leaves the model as it was after %s', async (_, recipe, message) => {
    const model = classifier();
    const [before, tensors] = [await valuesOf(model), tf.memory().numTensors];
    await expect(runRecipe(model, recipe, {train: {x, y}})).rejects.toThrow(message);
    expect(await valuesOf(model)).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
    model.dispose();
  });

  it('can be stopped, and leaves the model as it was', async () => {
    const model = classifier();
    const [before, tensors] = [await valuesOf(model), tf.memory().numTensors];
    const recipe = {steps: [{epochs: 3, QuantizeAware: {dtype: 4}}]};
    const stop = () => false;
    await expect(runRecipe(model, recipe, {train: {x, y}, onProgress: stop})).rejects.toThrow(
      'onProgress has returned false.',
    );
    expect(await valuesOf(model)).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
    model.dispose();
  });

  it('puts back the layers that it has removed, when it is stopped', async () => {
    const {dense} = tfl.layers;
    const model = tfl.sequential({
      layers: [
        dense({units: 6, inputShape: [8]}),
        dense({units: 6, activation: 'relu', name: 'square'}),
        dense({units: 3, activation: 'softmax'}),
      ],
    });
    model.compile({optimizer: 'sgd', loss: 'categoricalCrossentropy'});
    await model.fit(x, y, {verbose: 0});
    const [before, tensors] = [await valuesOf(model), tf.memory().numTensors];
    const classes: string[] = [];
    const recipe: Recipe = {
      steps: [{epochs: 1, LayerPruner: {count: 1, importance: 'l2'}}, {epochs: 1}],
    };
    const onProgress = ({step}: RecipeProgress) => {
      classes.push(model.getLayer('square').getClassName());
      return step === 0;
    };
    await expect(runRecipe(model, recipe, {train: {x, y}, onProgress})).rejects.toThrow();
    expect(classes).toEqual(['Activation', 'Activation']);
    expect(model.getLayer('square').getClassName()).toBe('Dense');
    expect(await valuesOf(model)).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
    // It trains as before, with all its layers.
    await model.fit(x, y, {verbose: 0});
    const after = await valuesOf(model);
    expect(after.map((values, i) => String(values) === String(before[i]))).not.toContain(true);
    model.dispose();
  });

  it('refuses a teacher of another shape, and data that are none', async () => {
    const model = classifier();
    const teacher = tfl.sequential({layers: [tfl.layers.dense({units: 4, inputShape: [8]})]});
    const recipe = {steps: [{epochs: 1, distill: {}}]};
    await expect(runRecipe(model, recipe, {train: {x, y}, teacher})).rejects.toThrow(
      "steps[0].distill.teacher: expected a model with the student's output, [,3], but got '[,4]'",
    );
    await expect(runRecipe(model, recipe, {train: 1 as never})).rejects.toThrow('train: expected');
    await expect(runRecipe(model, recipe, {tarin: {x, y}} as never)).rejects.toThrow(
      '(perhaps train)',
    );
    model.dispose();
    teacher.dispose();
  });
});
