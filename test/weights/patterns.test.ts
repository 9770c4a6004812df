import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import fc from 'fast-check';

import {type BlockStructure, pruneNow, stripPruning} from '../../lib';
import {pruneBlocks} from '../../lib/weights/blocks';
import {pruneNM} from '../../lib/weights/n_of_m';
import {setWeight, values, zeroPositions} from '../setup/models';
import {maskBy, weights} from './patterned';

describe('n of m along the outputs', () => {
  it('keeps the largest of each row', () => {
    const scores = [1, 5, 3, 2, 9, 8, 7, 6, 4, 4, 4, 4];
    const mask = maskBy((s, m) => pruneNM(s, m, {n: 1, m: 2, along: 'outputs'}), [3, 4], scores);
    expect(mask).toEqual([0, 1, 1, 0, 1, 0, 1, 0, 0, 1, 0, 1]);
  });

  it('is n of m along the inputs of the transposed weight', () => {
    fc.assert(
      fc.property(weights, fc.constantFrom(1, 2), ({shape, scores, mask}, n) => {
        const swap = (x: tf.Tensor) =>
          tf.transpose(x, [...Array(x.rank - 2).keys(), x.rank - 1, x.rank - 2]);
        const along = maskBy(
          (s, m) => pruneNM(s, m, {n, m: 3, along: 'outputs'}),
          shape,
          scores,
          mask,
        );
        const turned = maskBy(
          (s, m) => swap(pruneNM(swap(s), m && swap(m), {n, m: 3})),
          shape,
          scores,
          mask,
        );
        expect(along).toEqual(turned);
      }),
    );
  });
});

describe('blocks of an input or of a window', () => {
  // Two places, two inputs, two outputs: [place, input, output].
  const scores = [1, 2, 9, 9, 1, 8, 0, 9];

  it.each<[BlockStructure, number, number[]]>([
    // Input 0: 1, 2, 1, 8. Input 1: 9, 9, 0, 9.
    [{block: 'input'}, 0.5, [0, 0, 1, 1, 0, 0, 1, 1]],
    // 0→0: 1, 1. 0→1: 2, 8. 1→0: 9, 0. 1→1: 9, 9.
    [{block: 'window'}, 0.5, [0, 1, 0, 1, 0, 1, 0, 1]],
    [{block: 'window', pooling: 'max'}, 0.5, [0, 0, 1, 1, 0, 0, 1, 1]],
  ])('%j', (structure, sparsity, expected) => {
    const mask = maskBy((s, m) => pruneBlocks(s, m, structure, sparsity), [2, 2, 2], scores);
    expect(mask).toEqual(expected);
  });

  it('keep or lose all that belongs together, and as many as asked for', () => {
    fc.assert(
      fc.property(
        weights,
        fc.constantFrom('input' as const, 'window' as const),
        fc.constantFrom(0.25, 0.5, 0.75),
        ({shape, scores: numbers}, block, sparsity) => {
          const mask = maskBy((s, m) => pruneBlocks(s, m, {block}, sparsity), shape, numbers);
          const [inputs, outputs] = shape.slice(-2);
          const blocks = new Map<number, number[]>();
          mask.forEach((kept, i) => {
            const input = Math.floor(i / outputs) % inputs;
            const key = block === 'input' ? input : input * outputs + (i % outputs);
            blocks.set(key, [...(blocks.get(key) ?? []), kept]);
          });
          const kept = [...blocks.values()].map((own) => new Set(own));
          expect(kept.every(({size}) => size === 1)).toBe(true);
          const gone = kept.filter((own) => own.has(0)).length;
          expect(gone).toBe(Math.min(Math.round(kept.length * sparsity), kept.length - 1));
        },
      ),
    );
  });

  it.each<[BlockStructure, number, (flat: number) => number]>([
    // A kernel [2, 2, outputs 3, inputs 4].
    [{block: 'input'}, 2, (flat) => flat % 4],
    [{block: 'window'}, 6, (flat) => flat % 12],
  ])('are whole in a transposed convolution, %j', async (structure, count, blockOf) => {
    const layer = tfl.layers.conv2dTranspose({filters: 3, kernelSize: 2, inputShape: [3, 3, 4]});
    const model = tfl.sequential({layers: [layer]});
    await pruneNow(model, {sparsity: 0.5, structure});
    const zero = zeroPositions(values(layer.weights[0]));
    expect(zero).toHaveLength(24);
    expect(new Set(zero.map(blockOf)).size).toBe(count);
    stripPruning(model);
  });

  it('are ranked over all layers together', async () => {
    const conv = (filters: number) =>
      tfl.layers.conv2d({filters, kernelSize: 2, padding: 'same', inputShape: [4, 4, 2]});
    const model = tfl.sequential({layers: [conv(4), conv(2)]});
    const [first, second] = model.layers;
    setWeight(first, 0, Array<number>(32).fill(1));
    // Windows of the second are 0.1, 0.2, … 0.8.
    setWeight(
      second,
      0,
      Array.from({length: 32}, (_, i) => ((i % 8) + 1) / 10),
    );
    await pruneNow(model, {sparsity: 0.25, scope: 'global', structure: {block: 'window'}});
    expect(zeroPositions(values(first.weights[0]))).toEqual([]);
    const gone = new Set(zeroPositions(values(second.weights[0])).map((flat) => flat % 8));
    expect([...gone].sort()).toEqual([0, 1, 2, 3]);
    stripPruning(model);
  });
});
