import {dispose, memory, tensor2d, tensor4d, tidy} from '@tensorflow/tfjs-core';
import {layers, sequential} from '@tensorflow/tfjs-layers';

import {PruningError, pruneNow, wordFrequency, wordNorm} from '../../lib/index';
import type {CriterionFunction} from '../../lib/weights/criterion';
import {values} from '../setup/models';

const TABLE = [
  [3, 4],
  [0, 1],
  [0, 0],
  [5, 12],
];

function scores(criterion: CriterionFunction): number[] {
  const made = tidy(() => criterion(tensor2d(TABLE), {step: 0, layer: 'words/embeddings'}));
  const found = [...values(made)];
  dispose(made);
  return found;
}

describe('wordFrequency', () => {
  it('counts words', () => {
    const lines = [[0, 1, 1], new Uint8Array([3, 1]), []];
    expect(scores(wordFrequency(lines))).toEqual([1, 1, 3, 3, 0, 0, 1, 1]);
  });

  it.each([1, 200_000])('keeps some whatever their number, named %i times', (times) => {
    const keep = new Array<number>(times).fill(0);
    const [zero, , one] = scores(wordFrequency([[1, 1, 1]], {keep}));
    expect(zero).toBeGreaterThan(1e20);
    expect(one).toBe(3);
  });
});

it('wordNorm takes the length of a row', () => {
  expect(scores(wordNorm())).toEqual([5, 5, 1, 1, 0, 0, 13, 13]);
});

it.each<[string, CriterionFunction, number[]]>([
  [
    'rare',
    wordFrequency([
      [0, 0, 1],
      [2, 2, 3, 3, 3],
    ]),
    [3, 4, 0, 0, 0, 0, 5, 12],
  ],
  ['short', wordNorm({keep: [1]}), [0, 0, 0, 1, 0, 0, 5, 12]],
])('%s rows are pruned as a whole', async (_, criterion, expected) => {
  const table = layers.embedding({inputDim: 4, outputDim: 2, inputLength: 3, name: 'words'});
  const model = sequential({layers: [table]});
  table.setWeights([tensor2d(TABLE)]);
  const tensors = memory().numTensors;
  const sparsity = 0.5;
  await pruneNow(model, {sparsity, structure: {block: [1, Infinity]}, criterion});
  expect([...values(table.weights[0])]).toEqual(expected);
  expect(memory().numTensors).toBe(tensors + 1);
});

it.each<[string, () => unknown, RegExp]>([
  ['no lists', () => wordFrequency(3 as never), /sequences.*lists of word ids/],
  ['a list of numbers', () => wordFrequency([3] as never), /sequences.*lists of word ids/],
  ['what is no number', () => wordFrequency([[1.5]]), /sequences.*integer/],
  ['an unknown option', () => wordNorm({kept: [1]} as never), /wordNorm.*kept/],
  ['no list', () => wordNorm({keep: 1} as never), /keep.*a list/],
  ['a word below 0', () => wordNorm({keep: [-1]}), /keep\[0\].*integer of at least 0/],
  ['a word that there is not', () => scores(wordNorm({keep: [4]})), /keep.*below 4.*4/],
  ['words that there are not', () => scores(wordFrequency([[7]])), /sequences.*below 4.*7/],
  [
    'a kernel of a convolution',
    () => tidy(() => wordNorm()(tensor4d([1], [1, 1, 1, 1]), {step: 0, layer: 'conv'})),
    /layers.*an embedding.*conv/,
  ],
])('refuses %s', (_, run, message) => {
  expect(run).toThrow(PruningError);
  expect(run).toThrow(message);
});
