import {memory, type Tensor, tensor2d, train} from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  type LayersModel,
  model as makeModel,
  sequential,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import fc from 'fast-check';

import {
  ConstantSparsity,
  PruningError,
  setMask,
  shrinkVocabulary,
  type Vocabulary,
} from '../../lib/index';
import {disposeModel} from '../../lib/model/rebuild';
import {QUIET, values} from '../setup/models';
import {largestError, predict} from './fuzz_once';
import {randomizeWeights} from './random_model';

type T = SymbolicTensor;

interface Settings {
  maskZero?: boolean;
  name?: string;
  outputDim?: number;
}

const words = (inputDim: number, {outputDim = 2, ...settings}: Settings = {}) =>
  layers.embedding({inputDim, outputDim, name: 'words', ...settings});

/** An LSTM behind an embedding of eight words, of which `zero` have rows of zeros. */
function textModel(zero: readonly number[], settings: Settings = {}): LayersModel {
  const model = sequential({
    layers: [
      words(8, settings),
      layers.lstm({units: 3, recurrentInitializer: 'glorotUniform', name: 'lstm'}),
      layers.dense({units: 2}),
    ],
  });
  model.build([null, 4]);
  randomizeWeights(model, 5);
  clearRows(model, 'words', zero);
  return model;
}

function clearRows(model: LayersModel, name: string, zero: readonly number[]): void {
  const [table] = model.getLayer(name).getWeights();
  const rows = (table.arraySync() as number[][]).map((row, i) =>
    row.map((value) => (zero.includes(i) ? 0 : value)),
  );
  model.getLayer(name).setWeights([tensor2d(rows)]);
}

async function expectSame(
  model: LayersModel,
  smaller: LayersModel,
  old: number[][],
  {ids}: Pick<Vocabulary, 'ids'>,
): Promise<void> {
  const now = old.map((line) => line.map((id) => ids[id]));
  const [before, after] = [predict(model, [tensor2d(old)]), predict(smaller, [tensor2d(now)])];
  expect(await largestError(before, after)).toBe(0);
}

const ALL = [
  [0, 1, 2, 3],
  [4, 5, 6, 7],
  [7, 6, 0, 0],
];

describe('shrinkVocabulary', () => {
  it.each<[string, number[], Settings, object, number[], number[]]>([
    ['keeps one row of zeros', [2, 4, 5], {}, {}, [0, 1, 2, 3, 6, 7], [0, 1, 2, 3, 2, 2, 4, 5]],
    ['the padding, if zero', [0, 2, 4], {}, {}, [0, 1, 3, 5, 6, 7], [0, 1, 0, 2, 0, 3, 4, 5]],
    [
      'another than the padding, which is left out',
      [0, 2, 4],
      {maskZero: true},
      {},
      [0, 1, 2, 3, 5, 6, 7],
      [0, 1, 2, 3, 2, 4, 5, 6],
    ],
    ['one that stays', [1, 2, 4, 5], {}, {keep: [5, 3]}, [0, 3, 5, 6, 7], [0, 2, 2, 1, 2, 2, 3, 4]],
    ['nothing to remove', [], {}, {}, [0, 1, 2, 3, 4, 5, 6, 7], [0, 1, 2, 3, 4, 5, 6, 7]],
    ['nothing but the padding', [0], {}, {}, [0, 1, 2, 3, 4, 5, 6, 7], [0, 1, 2, 3, 4, 5, 6, 7]],
  ])('%s', async (_, zero, settings, args, kept, ids) => {
    const model = textModel(zero, settings);
    const {model: smaller, vocabularies} = await shrinkVocabulary(model, args);
    expect(vocabularies).toEqual([
      {
        inputs: model.inputNames,
        layers: ['words'],
        size: 8,
        kept,
        ids: Int32Array.from(ids),
        frozen: undefined,
      },
    ]);
    expect(smaller.getLayer('words').weights[0].shape).toEqual([kept.length, 2]);
    await expectSame(model, smaller, ALL, vocabularies[0]);
  });

  it('makes removed words the unknown one', async () => {
    const model = textModel([2, 3, 6]);
    const {model: smaller, vocabularies} = await shrinkVocabulary(model, {unknown: 1});
    const [{kept, ids}] = vocabularies;
    expect(kept).toEqual([0, 1, 4, 5, 7]);
    expect([...ids]).toEqual([0, 1, 1, 1, 2, 3, 1, 4]);
    await expectSame(
      model,
      smaller,
      [
        [0, 1, 4, 5],
        [7, 7, 0, 0],
      ],
      {ids},
    );
    const one = predict(model, [tensor2d([[1, 1, 4, 1]])]);
    const other = predict(smaller, [tensor2d([[2, 3, 4, 6].map((id) => ids[id])])]);
    expect(await largestError(one, other)).toBe(0);
  });

  it('takes rows that are masked for zero', async () => {
    const model = textModel([]);
    const mask = tensor2d([1, 1, 0, 0, 1, 1, 0, 1].map((kept) => [kept, kept]));
    await setMask(model, 'words', mask);
    const {vocabularies} = await shrinkVocabulary(model);
    expect(vocabularies[0].kept).toEqual([0, 1, 2, 4, 5, 7]);
  });

  it('prunes rows, removes them, and trains on', async () => {
    const model = textModel([], {outputDim: 3});
    model.compile({optimizer: train.adam(0.01), loss: 'meanSquaredError'});
    const pruner = new ConstantSparsity({
      targetSparsity: 0.5,
      beginStep: 1,
      layers: ['words'],
      structure: {block: [1, Infinity]},
    });
    const x = tensor2d(ALL);
    const y = tensor2d([
      [0, 1],
      [1, 0],
      [1, 1],
    ]);
    await model.fit(x, y, {...QUIET, epochs: 2, callbacks: [pruner]});
    const {model: smaller, vocabularies} = await shrinkVocabulary(model);
    expect(vocabularies[0].kept.length).toBeLessThanOrEqual(6);
    await expectSame(model, smaller, ALL, vocabularies[0]);
    const now = tensor2d(ALL.map((line) => line.map((id) => vocabularies[0].ids[id])));
    await smaller.fit(now, y, {...QUIET, epochs: 1});
  });

  it('gives embeddings of one input, and the inputs of one embedding, the same numbers', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => input({shape: [2], dtype: 'int32', name}));
    const shared = words(6, {name: 'shared'});
    const ab = layers.concatenate().apply([a, b]) as T;
    const tables = [
      shared.apply(ab),
      words(4, {name: 'small'}).apply(layers.reshape({targetShape: [2]}).apply(b)),
      words(6, {name: 'alone'}).apply(c),
    ];
    const flat = tables.map((each) => layers.flatten().apply(each as T) as T);
    const outputs = layers.dense({units: 1}).apply(layers.concatenate().apply(flat)) as T;
    const model = makeModel({inputs: [a, b, c], outputs});
    randomizeWeights(model, 5);
    clearRows(model, 'shared', [1, 2, 4, 5]);
    clearRows(model, 'small', [1, 2, 3]);
    clearRows(model, 'alone', [3, 4]);
    const {model: smaller, vocabularies} = await shrinkVocabulary(model);
    expect(vocabularies).toMatchObject([
      {inputs: ['a', 'b'], layers: ['shared', 'small'], size: 6, kept: [0, 1, 3]},
      {inputs: ['c'], layers: ['alone'], size: 6, kept: [0, 1, 2, 3, 5]},
    ]);
    expect(smaller.getLayer('shared').weights[0].shape).toEqual([3, 2]);
    expect(smaller.getLayer('small').weights[0].shape).toEqual([3, 2]);
    const old = [[[5, 3]], [[1, 2]], [[3, 4]]];
    const now = old.map((each, i) =>
      each.map((line) => line.map((id) => vocabularies[i < 2 ? 0 : 1].ids[id])),
    );
    const [before, after] = [
      model.predict(old.map((each) => tensor2d(each))) as Tensor,
      smaller.predict(now.map((each) => tensor2d(each))) as Tensor,
    ];
    expect(values(after)).toEqual(values(before));
  });

  it('reaches embeddings in nested models and wrappers', async () => {
    const inner = sequential({
      name: 'inner',
      layers: [words(8, {}), layers.globalAveragePooling1d({})],
    });
    inner.build([null, 4]);
    const x = input({shape: [3, 4], dtype: 'int32', name: 'lines'});
    const lines = layers.timeDistributed({layer: inner as never, name: 'each'}).apply(x) as T;
    const model = makeModel({inputs: x, outputs: layers.flatten().apply(lines) as T});
    randomizeWeights(model, 5);
    const table = inner.getLayer('words');
    const rows = (table.getWeights()[0].arraySync() as number[][]).map((row, i) =>
      i > 4 ? [0, 0] : row,
    );
    table.setWeights([tensor2d(rows)]);
    const {model: smaller, vocabularies} = await shrinkVocabulary(model);
    expect(vocabularies).toMatchObject([
      {inputs: ['lines'], layers: ['each/inner/words'], kept: [0, 1, 2, 3, 4, 5]},
    ]);
    expect(smaller.countParams()).toBe(12);
  });

  it('leaves words whose numbers something else reads, and those that are computed', async () => {
    const [a, b] = ['a', 'b'].map((name) => input({shape: [3], name}));
    const read = layers.flatten().apply(words(6, {name: 'read'}).apply(a)) as T;
    const dense = layers.dense({units: 3, name: 'dense'}).apply(a) as T;
    const made = layers
      .flatten()
      .apply(words(6, {name: 'made'}).apply(layers.reLU({name: 'relu'}).apply(b))) as T;
    const model = makeModel({
      inputs: [a, b],
      outputs: layers.concatenate().apply([read, dense, made]) as T,
    });
    clearRows(model, 'read', [1, 2, 3]);
    clearRows(model, 'made', [1, 2, 3]);
    const {model: smaller, vocabularies} = await shrinkVocabulary(model);
    expect(vocabularies.map(({frozen}) => frozen)).toEqual([
      "layer 'dense' reads the ids too",
      "layer 'made' looks up ids that the model computes",
    ]);
    expect(vocabularies.map(({kept}) => kept.length)).toEqual([6, 6]);
    expect(smaller.countParams()).toBe(model.countParams());
  });

  it('predicts the same, whatever is zero and stays', async () => {
    const id = fc.integer({min: 0, max: 7});
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(id),
        fc.uniqueArray(id),
        fc.boolean(),
        fc.array(fc.array(id, {minLength: 4, maxLength: 4}), {minLength: 1, maxLength: 5}),
        async (zero, keep, maskZero, lines) => {
          const model = textModel(zero, {maskZero});
          const {model: smaller, vocabularies} = await shrinkVocabulary(model, {keep});
          const [{ids, kept}] = vocabularies;
          expect(ids[0]).toBe(0);
          expect(kept).toEqual(expect.arrayContaining(keep));
          expect(kept.map((old) => ids[old])).toEqual([...kept.keys()]);
          await expectSame(model, smaller, lines, {ids});
          [model, smaller].forEach(disposeModel);
        },
      ),
      {numRuns: 40},
    );
  });

  it('leaves the model as it is, and no tensors', async () => {
    const model = textModel([1, 2]);
    const before = values(model.getLayer('words').weights[0]);
    const tensors = memory().numTensors;
    const {model: smaller} = await shrinkVocabulary(model);
    disposeModel(smaller);
    expect(memory().numTensors).toBe(tensors);
    expect(values(model.getLayer('words').weights[0])).toEqual(before);
  });

  it.each<[string, object, RegExp]>([
    ['an unknown option', {kep: [1]}, /perhaps keep/],
    ['no list', {keep: 1}, /keep.*list of word ids/],
    ['no number', {keep: [1.5]}, /keep\[0\].*integer/],
    ['a number that no word has', {keep: [8]}, /keep\[0\].*below 8/],
    ['an unknown word that there is not', {unknown: 9}, /unknown.*below 8/],
  ])('refuses %s', async (_, args, message) => {
    const shrinking = shrinkVocabulary(textModel([1]), args);
    await expect(shrinking).rejects.toThrow(PruningError);
    await expect(shrinkVocabulary(textModel([1]), args)).rejects.toThrow(message);
  });

  it('refuses a model without embeddings', async () => {
    const model = sequential({layers: [layers.dense({units: 1, inputShape: [2]})]});
    await expect(shrinkVocabulary(model)).rejects.toThrow(/a model with an Embedding/);
  });
});
