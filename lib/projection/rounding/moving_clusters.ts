import type {Tensor} from '@tensorflow/tfjs-core';
import {
  add,
  clone,
  div,
  greater,
  keep,
  maximum,
  mul,
  notEqual,
  onesLike,
  step,
  sub,
  sum,
  tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import type {LayerVariable} from '@tensorflow/tfjs-layers';

import {toFloat32} from '../../base/float32';
import {readWeight} from '../../model/read_weight';
import {DenseCopy} from '../dense_copy';
import {maskOf} from '../mask';
import type {Change} from '../registry';
import {Clustered} from './clustered';

/**
 * Clusters that follow the dense values of a weight. Each write is a step of k-means:
 * elements go to the nearest cluster, and clusters to the mean of their elements.
 */
export class MovingClusters extends Clustered {
  private constructor(
    maker: object,
    /** In rising order; each has a number a channel. */
    private centroids: readonly Tensor[],
    /** The axes over which a channel extends. */
    private readonly axes: readonly number[],
    /** 1 for each element that is not zero for good, else 0. */
    private readonly members: Tensor,
    private readonly dense: DenseCopy,
  ) {
    super(maker);
  }

  /**
   * @param numbers The values of `variable`: what is zero stays so.
   * @param centroids Of each channel, in rising order.
   * @param axes The axes over which a channel extends.
   */
  static of(
    maker: object,
    variable: LayerVariable,
    numbers: Float32Array,
    centroids: readonly Float32Array[],
    axes: readonly number[],
  ): MovingClusters {
    const {shape} = readWeight(variable);
    const most = Math.max(1, ...centroids.map(({length}) => length));
    // A channel with fewer has its last one several times.
    const at = (k: number) => centroids.map((own) => own[Math.min(k, own.length - 1)] ?? 0);
    const sides = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    return new MovingClusters(
      maker,
      Array.from({length: most}, (_, k) => keep(tensor(at(k), sides))),
      axes,
      keep(tidy(() => toFloat32(notEqual(tensor(numbers, shape), 0)))),
      DenseCopy.of(readWeight(variable)),
    );
  }

  protected share(variable: LayerVariable, written: Tensor, change: Change): Tensor {
    return this.dense.project(written, change, (dense) => {
      const mask = maskOf(variable);
      const alive = mask ? mul(mask, this.members) : this.members;
      const {centroids} = this;
      const axes = [...this.axes];
      const last = centroids.length - 1;
      let shared: Tensor | null = null;
      let above: Tensor = onesLike(dense);
      this.centroids = centroids.map((centroid, k) => {
        const next =
          k < last ? toFloat32(greater(dense, mul(add(centroid, centroids[k + 1]), 0.5))) : null;
        const own = mul(next ? sub(above, next) : above, alive);
        const count = sum(own, axes, true);
        const moved = div(sum(mul(own, sub(dense, centroid)), axes, true), maximum(count, 1));
        // One without elements stays where it is.
        const now = keep(add(centroid, mul(moved, step(count))));
        shared = shared ? add(shared, mul(own, now)) : mul(own, now);
        above = next ?? above;
        return now;
      });
      centroids.forEach((each) => each.dispose());
      return shared!;
    });
  }

  protected copy(): MovingClusters {
    const {maker, centroids, axes, members, dense} = this;
    const copies = centroids.map((each) => keep(clone(each)));
    return new MovingClusters(maker, copies, axes, keep(clone(members)), dense.clone());
  }

  protected free(): void {
    this.centroids.forEach((each) => each.dispose());
    this.members.dispose();
    this.dense.dispose();
  }
}
