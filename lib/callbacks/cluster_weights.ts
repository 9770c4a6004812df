import {clone, mul, tidy} from '@tensorflow/tfjs-core';
import type {LayerVariable} from '@tensorflow/tfjs-layers';

import {check, checkChoice, checkInteger, checkOptions} from '../base/check';
import {checkNormalization, type NormalizationArgs} from '../model/follow_normalization';
import {channelGroupAxes} from '../model/kernel_axes';
import {checkLayerFilter, type LayerFilter} from '../model/layer_selection';
import type {LayerWeight} from '../model/layer_walk';
import {readWeight} from '../model/read_weight';
import {maskOf} from '../projection/mask';
import {centroidsOf, channelNumbers, shareCentroids} from '../projection/rounding/cluster_weight';
import type {CentroidInit} from '../projection/rounding/clustering';
import {MovingClusters} from '../projection/rounding/moving_clusters';
import {roundingOf, type Rounding} from '../projection/rounding/rounding';
import {SharedValues} from '../projection/rounding/shared_values';
import {WeightRounding} from './base/weight_rounding';

/** Each cluster that moves costs some passes over the weights in each step. */
const MOST_MOVING = 64;

/** Arguments of `ClusterWeights`. */
export interface ClusterWeightsArgs extends NormalizationArgs {
  /** Number of values that the nonzero elements of a weight share, from 1 to 65536. */
  clusters: number;
  /**
   * Where k-means starts. `'linear'` spaces the first values evenly from the smallest to
   * the largest weight, so the few large weights get their own (Han's choice).
   * `'density'` gives each value the same number of weights. `'kMeans++'` draws them at
   * random. Default: `'linear'`.
   */
  init?: CentroidInit;
  /** Which layers: a predicate over layers or a list of names. Default: as for pruning. */
  layers?: LayerFilter;
  /**
   * Whether each output channel of a weight has its own `clusters` values. With few
   * clusters this costs less accuracy, but the file holds more values. Default: `false`.
   */
  perChannel?: boolean;
  /**
   * Whether elements can change their cluster while the model trains: after each step
   * they are assigned to the nearest one again. Needs `clusters` of at most 64. Default:
   * `false`.
   */
  reassign?: boolean;
  /** Seed of `'kMeans++'`, an integer of at least 0. Default: 1. */
  seed?: number;
}

/**
 * Makes each weight of a trained model share a few values (Deep Compression, Han et al.
 * 2016, https://arxiv.org/abs/1510.00149). When training begins, k-means clusters the nonzero
 * elements of each weight. From then on, the elements of a cluster share a value, and
 * each step moves it by the mean of the updates of its elements:
 *
 *     c ← c + mean(Δᵢ), i in the cluster
 *
 * With `reassign`, a dense copy of each weight receives the updates of single elements.
 * Each training step is then also a step of k-means on the copy: elements move to the
 * nearest cluster, and clusters to the mean of their elements.
 *
 * Zeros stay zero, whether masked or not. So each weight, or with `perChannel` each
 * output channel, has at most `clusters` different values in addition to zero.
 *
 * Clustering reads the weights once. If you replace weights, as with `setWeights`, the
 * next fit clusters them again. `stripPruning` frees the memory of the clusters.
 *
 * @throws PruningError for an argument out of its range, an unknown option or
 *   layer, a model that is not compiled, and a NaN in the weights.
 * @example
 * await model.fit(x, y, {epochs: 2, callbacks: [new ClusterWeights({clusters: 16})]});
 * stripPruning(model);
 */
export class ClusterWeights extends WeightRounding {
  /** The class's name, which outlives minifiers. */
  static readonly className = 'ClusterWeights';
  private readonly args: Required<Omit<ClusterWeightsArgs, 'layers' | 'normalization'>>;
  private readonly numbers = new Map<LayerWeight, Float32Array>();

  constructor(args: ClusterWeightsArgs) {
    checkOptions('ClusterWeights', args, [
      ...['clusters', 'init', 'layers', 'perChannel', 'reassign', 'seed', 'normalization'],
    ]);
    const {clusters, init = 'linear', layers, seed = 1, normalization = 'follow'} = args;
    const {perChannel = false, reassign = false} = args;
    checkInteger('clusters', clusters, 1);
    check(typeof perChannel === 'boolean', 'perChannel', 'true or false', perChannel);
    check(typeof reassign === 'boolean', 'reassign', 'true or false', reassign);
    const most = reassign ? MOST_MOVING : 65536;
    const expected = `at most ${most}${reassign ? " with 'reassign'" : ''}`;
    check(clusters <= most, 'clusters', expected, clusters);
    checkChoice('init', init, ['linear', 'density', 'kMeans++']);
    if (layers !== undefined) {
      checkLayerFilter(layers);
    }
    checkInteger('seed', seed, 0);
    checkNormalization(normalization);
    super({layers, beginStep: 0, unit: 'step', normalization});
    this.args = {clusters, init, perChannel, reassign, seed};
  }

  protected override async prepare(weights: readonly LayerWeight[]): Promise<void> {
    this.numbers.clear();
    for (const weight of weights) {
      this.numbers.set(weight, await valuesOf(weight.variable));
    }
  }

  protected override makeRounding(weight: LayerWeight): Rounding {
    const {maker, variable} = weight;
    const {clusters, init, perChannel, reassign, seed} = this.args;
    const numbers = this.numbers.get(weight)!;
    this.numbers.delete(weight);
    const {shape} = readWeight(variable);
    const axes = perChannel ? channelGroupAxes(maker, shape.length) : [...shape.keys()];
    const channels = perChannel ? channelNumbers(shape, axes) : null;
    const centroids = centroidsOf(numbers, channels, {clusters, init, seed});
    return reassign
      ? MovingClusters.of(this, variable, numbers, centroids, axes)
      : SharedValues.of(this, shareCentroids(numbers, channels, centroids));
  }
}

/** The numbers to cluster: those that were written last, with pruned ones at zero. */
async function valuesOf(variable: LayerVariable): Promise<Float32Array> {
  const values = tidy(() => {
    const written = roundingOf(variable)?.unfitting ?? readWeight(variable);
    const mask = maskOf(variable);
    return mask ? mul(written, mask) : clone(written);
  });
  try {
    return (await values.data()) as Float32Array;
  } finally {
    values.dispose();
  }
}
