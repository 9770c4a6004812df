import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import fc from 'fast-check';

import {prunableWeights, type SelectedWeight} from '../../lib/model/prunable';
import {readWeight} from '../../lib/model/read_weight';
import {finaliseMask} from '../../lib/projection/finalise_mask';
import {setMask} from '../../lib/projection/mask';
import {writeUnprojected} from '../../lib/projection/registry';
import {pruneBlocks} from '../../lib/weights/blocks';
import {hysteresis} from '../../lib/weights/hysteresis';
import {patternsOf} from '../../lib/weights/patterns';
import {pruneCount} from '../../lib/weights/prune_count';
import {chooseTogether, groupBy} from '../../lib/weights/scope';
import type {Scope} from '../../lib/weights/selection';
import {type BlockStructure, type Structure} from '../../lib/weights/structure';
import {
  groupEach,
  planMasks,
  weightsOf,
  type Selection,
  type WeightGroup,
} from '../../lib/weights/weight_group';
import {mlp, setWeight} from '../setup/models';

/** Kernels 1, −2, 3, −4 and 5, 6, −7, 0.5. */
function model(): tfl.Sequential {
  const built = mlp({inputs: 2, units: [2, 2]});
  setWeight(built.layers[0], 0, [1, -2, 3, -4]);
  setWeight(built.layers[1], 0, [5, 6, -7, 0.5]);
  return built;
}

/** Single weights, each of which may go. */
const SELECTION = {minKeep: 0, choose: chooseTogether};

/** Patterns, each of which may go. */
const patterned = (structure: Structure, minKeep = 0) => ({
  structure,
  minKeep,
  ...patternsOf(structure),
});

/** Groups by `scope`. */
const groupWeights = (
  weights: readonly SelectedWeight[],
  scope: Scope,
  schedule: Parameters<typeof groupEach>[1],
) => (scope === 'layer' ? groupEach : groupBy(scope))(weights, schedule);

/** By magnitude; `poison` is added. */
const magnitude =
  (poison = 0) =>
  ({variable}: SelectedWeight) =>
    tf.add(tf.abs(readWeight(variable)), poison);

const constant = (usual: number) => (final?: number) => () => final ?? usual;

/** The masks that are planned, as numbers. */
function planned(
  groups: readonly WeightGroup[],
  position = 0,
  poison = 0,
  selection: Selection = SELECTION,
): number[][][] {
  return tf.tidy(() =>
    planMasks(groups, position, selection, magnitude(poison)).map(({masks}) =>
      masks.map((mask) => [...mask.dataSync()]),
    ),
  );
}

describe('groups of weights', () => {
  const sizes = (groups: readonly WeightGroup[]) => groups.map(({size}) => size);
  const selected = () => prunableWeights(mlp({units: [6, 4, 2]}), {dense_1: 0.25});

  it('makes a group of each weight', () => {
    const groups = groupWeights(selected(), 'layer', constant(0.5));
    expect(sizes(groups)).toEqual([24, 24, 8]);
    expect(groups.map(({sparsityAt}) => sparsityAt(0))).toEqual([0.5, 0.25, 0.5]);
    expect(groups.map(({count}) => count)).toEqual([0, 0, 0]);
  });

  it('makes one of all that have no sparsity of their own, in the order of the model', () => {
    const groups = groupWeights(selected(), 'global', constant(0.5));
    expect(sizes(groups)).toEqual([24, 32]);
    expect(groups.map(({sparsityAt}) => sparsityAt(0))).toEqual([0.25, 0.5]);
    expect(weightsOf(groups).map(({name}) => name)).toEqual([
      'dense_1/kernel',
      'dense_0/kernel',
      'dense_2/kernel',
    ]);
  });

  it('makes no empty group', () => {
    const weights = prunableWeights(mlp(), {dense_0: 0.1, dense_1: 0.2});
    expect(sizes(groupWeights(weights, 'global', constant(0.5)))).toEqual([24, 12]);
  });
});

describe('planMasks', () => {
  const layers = (sparsity: number) =>
    groupWeights(prunableWeights(model()), 'layer', constant(sparsity));
  const pooled = (sparsity: number) =>
    groupWeights(prunableWeights(model()), 'global', constant(sparsity));

  it('takes the smallest of each weight', () => {
    expect(planned(layers(0.5))).toEqual([[[0, 0, 1, 1]], [[0, 1, 1, 0]]]);
  });

  it('takes the smallest of a pool', () => {
    expect(planned(pooled(0.5))).toEqual([
      [
        [0, 0, 0, 1],
        [1, 1, 1, 0],
      ],
    ]);
  });

  it('gives masks of the shape of their weights', () => {
    const shapes = tf.tidy(() =>
      planMasks(pooled(0.5), 0, SELECTION, magnitude()).map(({masks}) =>
        masks.map(({shape}) => shape),
      ),
    );
    expect(shapes).toEqual([
      [
        [2, 2],
        [2, 2],
      ],
    ]);
  });

  it('sets none of them', () => {
    const groups = layers(0.5);
    const before = weightsOf(groups).map(({variable}) => [...variable.read().dataSync()]);
    planned(groups);
    expect(weightsOf(groups).map(({variable}) => [...variable.read().dataSync()])).toEqual(before);
    expect(groups.map(({count}) => count)).toEqual([0, 0]);
  });

  it('asks for the sparsity at the position', () => {
    const groups = groupWeights(
      prunableWeights(model()),
      'layer',
      () => (position: number) => position / 4,
    );
    expect(planned(groups, 1)).toEqual([[[0, 1, 1, 1]], [[1, 1, 1, 0]]]);
    expect(planned(groups, 3)).toEqual([[[0, 0, 0, 1]], [[0, 0, 1, 0]]]);
  });

  it('plans nothing for a count of 0', () => {
    expect(planned(layers(0))).toEqual([]);
    expect(planned(layers(0.1))).toEqual([]);
  });

  it('keeps what one weight of a pool has pruned', () => {
    const groups = pooled(0.5);
    const [{variable}] = weightsOf(groups);
    setMask(variable, tf.tensor2d([1, 1, 1, 0], [2, 2]));
    // −4 is gone; 0.5, 1 and −2 are the smallest of the others.
    expect(planned(groups)).toEqual([
      [
        [0, 0, 1, 0],
        [1, 1, 1, 0],
      ],
    ]);
    finaliseMask(variable);
  });

  it('plans nothing for a group that has enough zeros, and has masks', () => {
    const groups = layers(0.5);
    const [{variable}] = weightsOf(groups);
    setMask(variable, tf.tensor2d([1, 1, 0, 0], [2, 2]));
    groups[0].count = 2;
    groups[1].count = 2;
    expect(planned(groups)).toEqual([[[0, 1, 1, 0]]]);
    finaliseMask(variable);
  });

  it('takes nothing while poisoned', () => {
    expect(planned(layers(0.5), 0, NaN)).toEqual([[[1, 1, 1, 1]], [[1, 1, 1, 1]]]);
  });

  describe('with a margin', () => {
    /** The mask of the first of 4 weights: −2 and −4 are pruned. */
    const masked = (groups: readonly WeightGroup[]) => {
      const [{variable}] = weightsOf(groups);
      setMask(variable, tf.tensor2d([1, 0, 1, 0], [2, 2]));
      tf.tidy(() => writeUnprojected(variable, tf.tensor2d([1, -2, 3, -4], [2, 2])));
      groups[0].count = 2;
      return variable;
    };

    it.each([
      // 1 and 3 against 2 and 4.
      [0, [0, 0, 1, 1]],
      // 1/0.6 and 3/0.6 against 2/1.4 and 4/1.4
      [0.4, [0, 0, 1, 1]],
      // 1/0.4 and 3/0.4 against 2/1.6 and 4/1.6: a tie, in which the earlier goes.
      [0.6, [0, 0, 1, 1]],
      [0.7, [1, 0, 1, 0]],
    ])('of %d lets pruned weights come back for others that go', (margin, wanted) => {
      const groups = layers(0.5);
      const variable = masked(groups);
      expect(planned(groups, 0, 0, {...SELECTION, cut: hysteresis(margin)})[0]).toEqual([wanted]);
      finaliseMask(variable);
    });

    it('frees none where the schedule asks for fewer zeros', () => {
      const groups = layers(0.25);
      const variable = masked(groups);
      expect(planned(groups, 0, 0, {...SELECTION, cut: hysteresis(0)})[0]).toEqual([[0, 0, 1, 1]]);
      finaliseMask(variable);
    });

    it.each(['layer', 'global'] as const)('leaves masks while poisoned, scope %s', (scope) => {
      const groups = groupWeights(prunableWeights(model()), scope, constant(0.5));
      const variable = masked(groups);
      const [masks] = planned(groups, 0, NaN, {...SELECTION, cut: hysteresis(0)});
      expect(masks[0]).toEqual([1, 0, 1, 0]);
      finaliseMask(variable);
    });
  });

  it('leaves only the masks behind', () => {
    const groups = pooled(0.5);
    const before = tf.memory().numTensors;
    const updates = planMasks(groups, 0, SELECTION, magnitude());
    expect(tf.memory().numTensors).toBe(before + 2);
    updates.forEach(({masks}) => tf.dispose([...masks]));
  });

  it('prunes the same weights, wherever they are', () => {
    const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], {minLength: 8});
    const numbers = [1, -2, 3, -4, 5, 6, -7, 0.5];
    fc.assert(
      fc.property(order, (places) => {
        const built = model();
        const moved = places.map((place) => numbers[place]);
        setWeight(built.layers[0], 0, moved.slice(0, 4));
        setWeight(built.layers[1], 0, moved.slice(4));
        const groups = groupWeights(prunableWeights(built), 'global', constant(0.5));
        const kept = tf.tidy(() =>
          planMasks(groups, 0, SELECTION, magnitude()).flatMap(({masks}) =>
            masks.flatMap((mask) => [...mask.dataSync()]),
          ),
        );
        expect(kept).toEqual(places.map((place) => (Math.abs(numbers[place]) < 4 ? 0 : 1)));
        built.dispose();
      }),
      {numRuns: 30},
    );
  });
});

describe('planMasks with a structure', () => {
  const conv = {kernelSize: 1, useBias: false} as const;
  const build = (layer: tfl.layers.Layer, weight: number, values: number[]) => {
    const model = tfl.sequential({layers: [layer]});
    const {variable} = prunableWeights(model)[weight];
    const value = tf.tensor(values, variable.shape as number[]);
    variable.write(value);
    value.dispose();
    return model;
  };
  const maskOf = (model: tfl.LayersModel, weight: number, structure: Structure, sparsity: number) =>
    tf.tidy(() => {
      const groups = groupWeights([prunableWeights(model)[weight]], 'layer', constant(sparsity));
      const [{masks}] = planMasks(groups, 0, patterned(structure), magnitude());
      return [...masks[0].dataSync()];
    });

  // In rows of outputs: of each two inputs the larger, and the last one by itself.
  const transposed = [1, 2, 4, 3, 5, 8, 7, 1, 9, 0.5];
  const kept = [0, 1, 1, 0, 1, 1, 0, 0, 1, 1];
  // In columns of outputs.
  const plain = [1, 8, 2, 7, 4, 1, 3, 9, 5, 0.5];
  const keptPlain = [0, 1, 1, 0, 1, 0, 0, 1, 1, 1];

  it.each<[string, () => tfl.layers.Layer, number, number[], number[]]>([
    [
      'Conv2DTranspose',
      () => tfl.layers.conv2dTranspose({...conv, filters: 2, inputShape: [2, 2, 5]}),
      0,
      transposed,
      kept,
    ],
    [
      'Conv3DTranspose',
      () => tfl.layers.conv3dTranspose({...conv, filters: 2, inputShape: [2, 2, 2, 5]}),
      0,
      transposed,
      kept,
    ],
    [
      'Conv2D',
      () => tfl.layers.conv2d({...conv, filters: 2, inputShape: [2, 2, 5]}),
      0,
      plain,
      keptPlain,
    ],
    ['Dense', () => tfl.layers.dense({units: 2, inputShape: [5]}), 0, plain, keptPlain],
    ['LSTM', () => lstm(2), 0, repeated(plain, 2, 4), repeated(keptPlain, 2, 4)],
    [
      'Embedding',
      () => tfl.layers.embedding({inputDim: 5, outputDim: 2, inputLength: 1}),
      0,
      plain,
      keptPlain,
    ],
    // [3, 12]: the units before by the gates.
    ['LSTM, recurrent', () => lstm(3), 1, recurrent([1, 2, 3]), recurrent([0, 1, 1])],
  ])('n of m goes along the inputs of %s', (_name, layer, weight, values, wanted) => {
    const model = build(layer(), weight, values);
    expect(maskOf(model, weight, {n: 1, m: 2}, 0.5)).toEqual(wanted);
  });

  it('goes along the inputs in each place of the window of a transposed convolution', () => {
    const layer = tfl.layers.conv2dTranspose({
      filters: 1,
      kernelSize: [1, 2],
      inputShape: [2, 2, 3],
    });
    // Two places: inputs 1 2 3 and 6 5 4.
    const model = build(layer, 0, [1, 2, 3, 6, 5, 4]);
    expect(maskOf(model, 0, {n: 1, m: 2}, 0.5)).toEqual([0, 1, 1, 1, 0, 1]);
  });

  it.each<[string, Structure, number, number[]]>([
    ['n of m', {n: 1, m: 2}, 0.5, [1, 0, 0, 1, 0, 1]],
    ['blocks', {block: [1, 2]}, 0.5, [1, 0, 0, 1, 0, 0]],
  ])('%s of a transposed convolution keep what is pruned', (_name, structure, sparsity, wanted) => {
    const layer = tfl.layers.conv2dTranspose({...conv, filters: 2, inputShape: [2, 2, 3]});
    const model = build(layer, 0, [9, 8, 7, 3, 2, 1]);
    setMask(layer.weights[0], tf.tensor([1, 1, 0, 1, 1, 1], [1, 1, 2, 3]));
    expect(maskOf(model, 0, structure, sparsity)).toEqual(wanted);
    finaliseMask(layer.weights[0]);
  });

  it.each<[string, BlockStructure['block'], number, number[]]>([
    // Outputs of mean 4, 3; inputs of mean 5, 4.5, 1; blocks of two inputs 6, 1; 3.5, 1.
    ['an output', [Infinity, 1], 0.5, [1, 1, 1, 0, 0, 0]],
    ['an input', [1, Infinity], 1 / 3, [1, 1, 0, 1, 1, 0]],
    ['two inputs of an output', [2, 1], 0.75, [1, 1, 0, 0, 0, 0]],
  ])('a block of a transposed convolution is %s', (_name, block, sparsity, wanted) => {
    const layer = tfl.layers.conv2dTranspose({...conv, filters: 2, inputShape: [2, 2, 3]});
    const model = build(layer, 0, [6, 6, 1, 4, 3, 1]);
    expect(maskOf(model, 0, {block}, sparsity)).toEqual(wanted);
  });

  function lstm(units: number): tfl.layers.Layer {
    return tfl.layers.lstm({units, inputShape: [1, 5], recurrentInitializer: 'glorotUniform'});
  }

  /** Each row of `columns` values, `times` times. */
  function repeated(values: readonly number[], columns: number, times: number): number[] {
    const rows = Array.from({length: values.length / columns}, (_, i) =>
      values.slice(i * columns, (i + 1) * columns),
    );
    return rows.flatMap((row) => Array<number[]>(times).fill(row).flat());
  }

  function recurrent(values: readonly number[]): number[] {
    return repeated(values, 1, 12);
  }
});

describe('blocks of several weights, ranked together', () => {
  /** The masks of dense kernels with these numbers, [inputs, outputs] each. */
  const masksOf = (
    kernels: number[][][],
    sparsity: number,
    structure: Structure = {block: [1, 2]},
    minKeep = 0,
  ) => {
    const layers = kernels.map((kernel, i) =>
      tfl.layers.dense({
        units: kernel[0].length,
        useBias: false,
        ...(i === 0 ? {inputShape: [kernel.length]} : {}),
      }),
    );
    const model = tfl.sequential({layers});
    layers.forEach((layer, i) => layer.setWeights([tf.tensor2d(kernels[i])]));
    const groups = groupWeights(prunableWeights(model), 'global', constant(sparsity));
    const result = tf.tidy(() =>
      planMasks(groups, 0, patterned(structure, minKeep), magnitude())[0].masks.map((mask) =>
        [...mask.dataSync()].join(''),
      ),
    );
    model.dispose();
    return result;
  };
  const [small, large] = [
    [
      [1, 2, 9, 9],
      [3, 3, 1, 1],
    ],
    [
      [5, 6],
      [7, 8],
      [0, 9],
      [8, 8],
    ],
  ];

  it('lose the lowest, wherever they are', () => {
    // Means 1.5, 9, 3, 1; 5.5, 7.5, 4.5, 8.
    expect(masksOf([small, large], 0.25)).toEqual(['00111100', '11111111']);
    expect(masksOf([small, large], 0.5)).toEqual(['00110000', '11110011']);
    // The mean of 0 and 9 is low, the largest is not.
    const byMax = masksOf([small, large], 0.5, {block: [1, 2], pooling: 'max'});
    expect(byMax).toEqual(['00110000', '00111111']);
  });

  it('keep a share of each weight', () => {
    expect(masksOf([small, large], 0.5, {block: [1, 2]}, 0.5)).toEqual(['00111100', '00110011']);
  });

  it('count by their size at edges', () => {
    const odd = [
      [1, 1, 1],
      [4, 4, 9],
    ];
    const square = [[2], [3], [1]];
    // 9 elements, half of which are 4.5, so 5: the three 1s of `odd`, and of `square` two.
    expect(masksOf([odd, square], 0.5, {block: [1, 2]})).toEqual(['000111', '010']);
    // Blocks of 3 and of 1 element.
    expect(masksOf([odd, square], 0.5, {block: [1, Infinity]})).toEqual(['000111', '010']);
  });

  it('of one weight are those of that weight alone', () => {
    fc.assert(
      fc.property(
        fc.integer({min: 1, max: 9}),
        fc.integer({min: 1, max: 9}),
        fc.constantFrom<[number, number]>([1, 2], [1, 4], [2, 2], [3, 1], [Infinity, 1]),
        fc.double({min: 0.01, max: 0.99, noNaN: true}),
        fc.integer({min: 1, max: 1000}),
        (rows, columns, block, sparsity, seed) => {
          fc.pre(pruneCount(rows * columns, sparsity) > 0);
          const values = tf.randomNormal([rows, columns], 0, 1, 'float32', seed);
          const [alone] = tf.tidy(() => [
            [...pruneBlocks(tf.abs(values), null, {block}, sparsity).dataSync()].join(''),
          ]);
          const numbers = values.arraySync() as number[][];
          values.dispose();
          expect(masksOf([numbers], sparsity, {block})).toEqual([alone]);
        },
      ),
      {numRuns: 40},
    );
  });
});
