import {loadGraphModel, type GraphModel} from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';

import {sparsify} from '../../../lib/wasm';
import {normal, startSession} from '../../kernels/sparse/on_wasm';
import {graphArtifacts} from './graph';

const session = startSession();

const load = () => loadGraphModel(tf.io.fromMemory(graphArtifacts(0.9)));

function predict(model: GraphModel, x: tf.Tensor): Float32Array {
  return tf.tidy(() => (model.predict(x) as tf.Tensor).dataSync<'float32'>());
}

it('makes the kernels of a GraphModel sparse', async () => {
  const model = await load();
  const x = normal([4, 4, 4, 16], 1);
  const dense = predict(model, x);
  const sparse = await sparsify(model);
  expect(sparse.layers.map(({name, shape, kernel}) => [name, shape, kernel])).toEqual([
    ['filter', [3, 3, 16, 16], 'sparse'],
    ['matrix', [256, 32], 'sparse'],
  ]);
  const spies = (['product', 'convolution'] as const).map((name) =>
    jest.spyOn(session().kernels, name),
  );
  expect(predict(model, x)).toEqual(dense);
  const executed = (await model.executeAsync({x})) as tf.Tensor;
  expect(await executed.data()).toEqual(dense);
  expect(spies.map((spy) => spy.mock.calls.length)).toEqual([2, 2]);
  spies.forEach((spy) => spy.mockRestore());
  sparse.dispose();
  model.dispose();
});

it('takes names of weights and of operations', async () => {
  const model = await load();
  const names = async (layers: string[]) =>
    (await sparsify(model, {layers})).layers.map(({name}) => name);
  expect(await names(['matrix'])).toEqual(['matrix']);
  expect(await names(['convolution', 'product'])).toEqual(['filter', 'matrix']);
  await expect(names(['bias'])).rejects.toThrow(
    'layers: expected names of kernels: filter, matrix',
  );
  await expect(sparsify(model, {layers: () => true})).rejects.toThrow('a list of names');
});

it('refuses a disposed model and one of another copy of tfjs', async () => {
  const model = await load();
  const [filter] = model.weights.filter;
  const prototype = Object.getPrototypeOf(filter) as tf.Tensor;
  const foreign = Object.assign(Object.create(prototype), filter, {dataId: {}});
  const strange = {...partsOf(model), weights: {filter: [foreign]}};
  await expect(sparsify(strange as never)).rejects.toThrow('another copy');
  model.dispose();
  await expect(sparsify(model)).rejects.toThrow('a disposed one');
});

/** What is looked at of a model. */
function partsOf(model: GraphModel) {
  return {artifacts: Reflect.get(model, 'artifacts'), executeAsync: () => {}};
}
