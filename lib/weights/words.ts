import {add, mul, norm, onesLike, reshape, type Tensor, tensor1d} from '@tensorflow/tfjs-core';

import {check, checkInteger, checkOptions} from '../base/check';
import type {CriterionFunction} from './criterion';

/** Options of the criteria for words. */
export interface WordArgs {
  /** Numbers of words that stay, such as those of the padding and of what is unknown. Default: none. */
  keep?: readonly number[];
}

/** Far above any score, and far from overflowing in a sum. */
const KEPT = 1e25;

/**
 * A criterion for the rows of embeddings: a word is as important as it is
 * frequent. With `structure: {block: [1, Infinity]}`, whole rows are pruned, the
 * rarest first, and earlier ones first among equals.
 *
 * @param sequences Lists of numbers of words, such as the training data.
 * @param args `keep`: numbers of words that stay.
 * @throws PruningError for what are no numbers of words.
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
  check(isIterable, 'sequences', 'lists of numbers of words', sequences);
  const counts: number[] = [];
  for (const sequence of sequences) {
    check(typeof sequence?.length === 'number', 'sequences', 'lists of numbers of words', sequence);
    for (let i = 0; i < sequence.length; ++i) {
      const word = sequence[i];
      checkInteger('sequences', word, 0);
      counts[word] = (counts[word] ?? 0) + 1;
    }
  }
  return ofWords('wordFrequency', args, (weight, layer) => {
    const [words] = weight.shape;
    const expected = `numbers of words below ${words}, the rows of '${layer}'`;
    check(counts.length <= words, 'sequences', expected, counts.length - 1);
    return tensor1d(Float32Array.from({length: words}, (_, word) => counts[word] ?? 0));
  });
}

/**
 * A criterion for the rows of embeddings: a word is as important as its row is
 * long, by the Euclidean norm. With `structure: {block: [1, Infinity]}`, whole
 * rows are pruned, the shortest first.
 *
 * @param args `keep`: numbers of words that stay.
 * @throws PruningError for what are no numbers of words.
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
  check(Array.isArray(given), 'keep', 'a list of numbers of words', keep);
  keep.forEach((word, i) => checkInteger(`keep[${i}]`, word, 0));
  const criterion: CriterionFunction = (weight, {layer}) => {
    const [words] = weight.shape;
    const expected = 'an embedding, of words by dimensions';
    check(weight.rank === 2, 'layers', expected, `'${layer}' of shape [${weight.shape}]`);
    const most = Math.max(...keep);
    check(most < words, 'keep', `numbers of words below ${words}, the rows of '${layer}'`, most);
    const extra = new Float32Array(words);
    keep.forEach((word) => (extra[word] = KEPT));
    const scores = add(scoresOf(weight, layer), tensor1d(extra));
    return mul(onesLike(weight), reshape(scores, [words, 1]));
  };
  Object.defineProperty(criterion, 'name', {value: name});
  return criterion;
}
