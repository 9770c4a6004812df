import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import fc from 'fast-check';

import {finaliseMask, readWeight, setMask} from '../lib/mask';
import {prunableWeights, type SelectedWeight} from '../lib/prunable';
import {groupWeights, planMasks, weightsOf, type WeightGroup} from '../lib/weight_group';
import {mlp, setWeight} from './setup/models';

/** Kernels 1, −2, 3, −4 and 5, 6, −7, 0.5. */
function model(): tfl.Sequential {
  const built = mlp({inputs: 2, units: [2, 2]});
  setWeight(built.layers[0], 0, [1, -2, 3, -4]);
  setWeight(built.layers[1], 0, [5, 6, -7, 0.5]);
  return built;
}

/** Single weights, each of which may go. */
const SELECTION = {minKeep: 0};

/** By magnitude; `poison` is added. */
const magnitude =
  (poison = 0) =>
  ({variable}: SelectedWeight) =>
    tf.add(tf.abs(readWeight(variable)), poison);

const constant = (usual: number) => (final?: number) => () => final ?? usual;

/** The masks that are planned, as numbers. */
function planned(groups: readonly WeightGroup[], position = 0, poison = 0): number[][][] {
  return tf.tidy(() =>
    planMasks(groups, position, SELECTION, magnitude(poison)).map(({masks}) =>
      masks.map((mask) => [...mask.dataSync()]),
    ),
  );
}

describe('groupWeights', () => {
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
