import {add, mul, norm, onesLike, reshape, type Tensor, tensor1d} from '@tensorflow/tfjs-core';

import {check, checkInteger, checkOptions} from '../base/check';
import type {CriterionFunction} from './criterion';

/** Options of the criteria for words. */
export interface WordArgs {
  /**
   * Ids of words that are never pruned, such as those for padding and unknown words.
   * Default: none.
   */
  keep?: readonly number[];
}

/** Far above any score, and far from overflowing in a sum. */
const KEPT = 1e25;

/**
 * A criterion for the rows of embeddings, whose score of a word is its frequency. With
 * `structure: {block: [1, Infinity]}` it prunes whole rows, the rarest words first, and
 * lower ids first among equally frequent words.
 *
 * @param sequences Lists of word ids, such as the training data.
 * @param args `keep`: ids of words that are never pruned.
 * @throws PruningError for values that are not word ids.
 * @example
 * const sequences = [[5, 2, 7, 1], [2, 2, 9]];
 * new PolynomialDecay({
 *   initialSparsity: 0, finalSparsity: 0.8, beginStep: 0, endStep: 2000,
 *   layers: ['embedding_1'], structure: {block: [1, Infinity]},
 *   criterion: wordFrequency(sequences, {keep: [0, 1]}),
 * });
 */
export function wordFrequency(
  sequences: Iterable<ArrayLike<number>>,
  args: WordArgs = {},
): CriterionFunction {
  const isIterable =
    typeof (sequences as Iterable<unknown> | null)?.[Symbol.iterator] === 'function';
  check(isIterable, 'sequences', 'lists of word ids', sequences);
  const counts: number[] = [];
  for (const sequence of sequences) {
    check(typeof sequence?.length === 'number', 'sequences', 'lists of word ids', sequence);
    for (let i = 0; i < sequence.length; ++i) {
      const word = sequence[i];
      checkInteger('sequences', word, 0);
      counts[word] = (counts[word] ?? 0) + 1;
    }
  }
  return ofWords('wordFrequency', args, (weight, layer) => {
    const [words] = weight.shape;
    const expected = `word ids below ${words}, the rows of '${layer}'`;
    check(counts.length <= words, 'sequences', expected, counts.length - 1);
    return tensor1d(Float32Array.from({length: words}, (_, word) => counts[word] ?? 0));
  });
}

/**
 * A criterion for the rows of embeddings, whose score of a word is the Euclidean norm of
 * its row. With `structure: {block: [1, Infinity]}` it prunes whole rows, those with the
 * smallest norm first.
 *
 * @param args `keep`: ids of words that are never pruned.
 * @throws PruningError for values that are not word ids.
 * @example
 * await pruneNow(model, {
 *   sparsity: 0.5, layers: ['embedding_1'], structure: {block: [1, Infinity]},
 *   criterion: wordNorm({keep: [0, 1]}),
 * });
 */
export function wordNorm(args: WordArgs = {}): CriterionFunction {
  return ofWords('wordNorm', args, (weight) => norm(weight, 2, 1));
}

/** A criterion that gives each element of a row the score of the row. */
function ofWords(
  name: string,
  args: WordArgs,
  scoresOf: (weight: Tensor, layer: string) => Tensor,
): CriterionFunction {
  checkOptions(name, args, ['keep']);
  const {keep = []} = args;
  const given: unknown = keep;
  check(Array.isArray(given), 'keep', 'a list of word ids', keep);
  keep.forEach((word, i) => checkInteger(`keep[${i}]`, word, 0));
  const criterion: CriterionFunction = (weight, {layer}) => {
    const [words] = weight.shape;
    const expected = 'an embedding, of words by dimensions';
    check(weight.rank === 2, 'layers', expected, `'${layer}' of shape [${weight.shape}]`);
    const most = keep.reduce((largest, word) => Math.max(largest, word), 0);
    check(most < words, 'keep', `word ids below ${words}, the rows of '${layer}'`, most);
    const extra = new Float32Array(words);
    keep.forEach((word) => (extra[word] = KEPT));
    const scores = add(scoresOf(weight, layer), tensor1d(extra));
    return mul(onesLike(weight), reshape(scores, [words, 1]));
  };
  Object.defineProperty(criterion, 'name', {value: name});
  return criterion;
}
