import * as tf from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  type LayersModel,
  loadLayersModel,
  model as makeModel,
  sequential,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import * as fc from 'fast-check';

import {shrink} from '../../lib/index';
import {bypass} from '../../lib/layers/bypass';
import {layerUnits} from '../../lib/layers/layer_units';
import {weightsOf} from '../../lib/model/layer_tree';
import {saved, values} from '../setup/models';
import {largestError, predict} from '../shrink/fuzz_once';
import {randomInputs, randomizeWeights} from '../shrink/random_model';

type T = SymbolicTensor;

const dense = (name: string, more = {}) =>
  layers.dense({units: 5, activation: 'relu', name, ...more});
const add = (name: string, ...all: T[]) => layers.add({name}).apply(all) as T;

function of(build: (x: T) => T, shape = [5]): LayersModel {
  const x = input({shape});
  const last = layers.dense({units: 2, name: 'out'}).apply(build(x)) as T;
  const model = makeModel({inputs: x, outputs: last});
  randomizeWeights(model, 4);
  return model;
}

const summary = async (model: LayersModel) =>
  (await layerUnits(model)).map(({name, paths, frozen}) => [name, paths.join(), frozen]);

const OUT = ['out', 'out', 'it makes shape [2] of [5]'];

describe('what can go', () => {
  it('is a layer with the normalizations that follow it alone', async () => {
    const model = of((x) => {
      const y = layers.batchNormalization({name: 'n1'}).apply(dense('a').apply(x));
      const z = layers.layerNormalization({name: 'n2'}).apply(y) as T;
      const b = dense('b').apply(z) as T;
      const n3 = layers.batchNormalization({name: 'n3'}).apply(b) as T;
      return layers.maximum().apply([b, n3]) as T;
    });
    expect(await summary(model)).toEqual([['a', 'a,n1,n2', undefined], ['b', 'b', undefined], OUT]);
  });

  it('is a layer of any class that keeps the shape, and no state', async () => {
    const recurrent = {
      units: 3,
      returnSequences: true,
      recurrentInitializer: 'glorotUniform',
    } as const;
    const x = input({batchShape: [2, 4, 3]});
    let y = layers.conv1d({filters: 3, kernelSize: 2, padding: 'same', name: 'conv'}).apply(x);
    y = layers.lstm({...recurrent, name: 'lstm'}).apply(y);
    y = layers.timeDistributed({layer: layers.dense({units: 3}), name: 'each'}).apply(y);
    const layer = layers.gru(recurrent) as never;
    y = layers.bidirectional({layer, mergeMode: 'sum', name: 'both'}).apply(y);
    y = layers.gru({...recurrent, stateful: true, name: 'state'}).apply(y);
    y = layers.prelu({name: 'prelu'}).apply(y);
    y = dense('end', {units: 3}).apply(y);
    const model = makeModel({inputs: x, outputs: y as T});
    expect(await summary(model)).toEqual([
      ...['conv', 'lstm', 'each', 'both'].map((name) => [name, name, undefined]),
      ['state', 'state', 'it keeps a state between batches'],
      ['end', 'end', 'an output of the model'],
    ]);
    const undo = (await layerUnits(model)).slice(0, 4).map(bypass);
    const inputs = randomInputs(model, 2);
    const smaller = await shrink(model);
    expect(smaller.layers.map(({name}) => name).slice(1)).toEqual(['state', 'prelu', 'end']);
    const outputs = [model, smaller].map((each) => predict(each, inputs));
    expect(await largestError(outputs[0], outputs[1])).toBeLessThan(1e-5);
    undo.forEach((each) => each());
  });

  it('tells why not', async () => {
    const model = of((x) => {
      const narrow = dense('narrow', {units: 4}).apply(x) as T;
      const wide = dense('wide').apply(narrow) as T;
      const shared = dense('shared');
      const y = layers.average().apply([shared.apply(wide) as T, shared.apply(x) as T]);
      return layers.embedding({inputDim: 3, outputDim: 5, name: 'rows'}).apply(y) as T;
    });
    expect(await summary(model)).toEqual([
      ['narrow', 'narrow', 'it makes shape [4] of [5]'],
      ['wide', 'wide', 'it makes shape [5] of [4]'],
      ['shared', 'shared', 'it is used 2 times'],
      ['rows', 'rows', 'it makes shape [5, 5] of [5]'],
      ['out', 'out', 'it makes shape [5, 2] of [5, 5]'],
    ]);
  });

  it('is a branch, with all that leads to it alone', async () => {
    const model = of((x) => {
      const a = dense('a', {units: 3}).apply(x) as T;
      const b = dense('b', {units: 3, activation: 'linear'}).apply(a) as T;
      const c = dense('c').apply(add('inner', a, b)) as T;
      return add('outer', x, layers.dropout({rate: 0.1}).apply(c) as T);
    });
    expect(await summary(model)).toEqual([
      ['a', 'a', 'it makes shape [3] of [5]'],
      ['c', 'c', 'it makes shape [5] of [3]'],
      OUT,
      ['inner', 'b', undefined],
      ['outer', 'a,b,c', undefined],
    ]);
  });

  it.each<[string, (x: T) => T, string | undefined]>([
    ['sigmoid', (x) => layers.activation({activation: 'sigmoid'}).apply(x) as T, ZEROS()],
    ['softmax', (x) => layers.softmax().apply(x) as T, ZEROS()],
    ['layer normalization', (x) => layers.layerNormalization().apply(x) as T, ZEROS()],
    [
      'noise',
      (x) => layers.gaussianNoise({stddev: 1, name: 'noise'}).apply(x) as T,
      "layer 'noise' may add something to zeros",
    ],
    ['relu', (x) => layers.reLU().apply(x) as T, undefined],
    [
      'pooling',
      (x) =>
        layers
          .flatten()
          .apply(
            layers
              .maxPooling1d({poolSize: 1})
              .apply(layers.reshape({targetShape: [1, 5]}).apply(x)),
          ) as T,
      undefined,
    ],
    [
      'a normalization without gamma',
      (x) => layers.batchNormalization({scale: false}).apply(x) as T,
      undefined,
    ],
    ['a normalization', (x) => layers.batchNormalization().apply(x) as T, undefined],
  ])('is a branch that ends in %s only if zeros stay zeros', async (_, end, reason) => {
    const model = of((x) =>
      add(
        'sum',
        x,
        end(
          (dense('b', {units: 4}).apply(x) as T) &&
            (dense('c').apply(dense('d', {units: 4}).apply(x)) as T),
        ),
      ),
    );
    const units = await layerUnits(model);
    expect(units.find(({name}) => name === 'sum')!.frozen).toBe(reason);
  });

  it('is no branch where steps are masked', async () => {
    const model = of(
      (x) => {
        const masked = layers.masking().apply(x) as T;
        return layers
          .flatten()
          .apply(
            add('sum', masked, dense('b').apply(dense('c', {units: 3}).apply(masked)) as T),
          ) as T;
      },
      [2, 5],
    );
    const units = await layerUnits(model);
    expect(units.find(({name}) => name === 'sum')!.frozen).toBe('the model masks steps');
  });

  it('leaves weights and tensors as they are', async () => {
    const model = of((x) => add('sum', x, dense('b').apply(dense('c', {units: 3}).apply(x)) as T));
    const before = [weightsOf(model).map(values), tf.memory().numTensors];
    await layerUnits(model);
    expect([weightsOf(model).map(values), tf.memory().numTensors]).toEqual(before);
  });
});

function ZEROS() {
  return 'a layer behind its weights makes something of zeros';
}

const BLOCKS: Array<(x: T, name: string) => T> = [
  (x, name) => dense(name).apply(x) as T,
  (x, name) => layers.batchNormalization({name: `${name}n`}).apply(dense(name).apply(x)) as T,
  (x, name) => layers.activation({activation: 'linear', name}).apply(x) as T,
  (x, name) => add(`${name}s`, x, dense(name).apply(x) as T),
  (x, name) =>
    add(
      `${name}s`,
      dense(`${name}p`).apply(x) as T,
      dense(name).apply(dense(`${name}q`, {units: 3}).apply(x)) as T,
    ),
  (x, name) =>
    layers
      .concatenate({name: `${name}c`})
      .apply([
        dense(name, {units: 3}).apply(x) as T,
        dense(`${name}d`, {units: 2}).apply(x) as T,
      ]) as T,
  (x, name) =>
    sequential({
      name,
      layers: [
        dense(`${name}a`, {inputShape: [5]}),
        layers.batchNormalization({name: `${name}n`}),
        dense(`${name}b`),
      ],
    }).apply(x) as T,
  (x, name) => {
    const inside = input({shape: [5]});
    const sum = add(
      's',
      inside,
      dense(`${name}b`).apply(dense(`${name}a`, {units: 2}).apply(inside)) as T,
    );
    return makeModel({name, inputs: inside, outputs: sum}).apply(x) as T;
  },
];

it('computes the same when shrunk, whatever has gone, and is the same when loaded', async () => {
  let gone = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(BLOCKS.length - 1), {minLength: 1, maxLength: 5}),
      fc.array(fc.nat(), {maxLength: 5}),
      async (blocks, picks) => {
        const model = of((x) => blocks.reduce((y, block, i) => BLOCKS[block](y, `l${i}`), x));
        const undo: Array<() => void> = [];
        const start = weightsOf(model).map(values);
        for (const pick of picks) {
          const open = (await layerUnits(model)).filter(({frozen}) => frozen === undefined);
          if (open.length > 0) {
            undo.push(bypass(open[pick % open.length]));
          }
        }
        const smaller = await shrink(model);
        const loaded = await loadLayersModel(tf.io.fromMemory(await saved(model)));
        const inputs = randomInputs(model, 9);
        const [expected, actual, same] = [model, smaller, loaded].map((each) =>
          predict(each, inputs),
        );
        expect(await largestError(expected, actual)).toBeLessThan(1e-5);
        expect(await largestError(expected, same)).toBe(0);
        gone += model.layers.length - smaller.layers.length;
        undo.reverse().forEach((each) => each());
        expect(weightsOf(model).map(values)).toEqual(start);
        [model, smaller, loaded].forEach((each) => each.dispose());
        tf.dispose([inputs, expected, actual, same]);
      },
    ),
    {numRuns: 40, seed: 1},
  );
  expect(gone).toBeGreaterThan(60);
});
