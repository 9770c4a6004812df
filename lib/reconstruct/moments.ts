import {
  add,
  dispose,
  keep,
  matMul,
  maximum,
  mean,
  mul,
  square,
  sub,
  sum,
  type Tensor,
  tidy,
  transpose,
  zeros,
} from '@tensorflow/tfjs-core';

import type {LeastSquares} from './solver';

/** Sizes of a layer's linear map: for each group, a matrix of inputs by outputs. */
export interface MapSize {
  /** 1, or for depthwise kernels the number of channels. */
  readonly groups: number;
  readonly inputs: number;
  readonly outputs: number;
}

/**
 * What has been summed up over rows: XᵀX, XᵀY, the diagonal of XᵀX as [groups,
 * inputs, 1], and ΣX, ΣY and ΣY² as [groups, 1, …].
 */
type Sums = Record<'gram' | 'product' | 'diagonal' | 'x' | 'y' | 'energy', Tensor>;

/**
 * The moments of a layer's inputs X and wanted outputs Y, summed up over
 * batches of rows. They hold the matrix XᵀX and little else, however many rows
 * there are.
 *
 * For a layer with a bias they are central: the bias takes up the means. Rows
 * are shifted by the means of the first batch before they are squared, since
 * most backends sum in float32, where Σx² − n·μ² would lose what the mean
 * outweighs.
 */
export class Moments implements LeastSquares {
  private sums: Sums | null = null;
  /** The means of the first batch, of X and of Y. */
  private shift: [Tensor, Tensor] | null = null;
  private rows = 0;

  /** @param isCentral Whether there is a bias to take up the means. */
  constructor(
    readonly size: MapSize,
    readonly isCentral: boolean,
  ) {}

  /** Adds rows: `x` [groups, n, inputs] and `y` [groups, n, outputs]. */
  add(x: Tensor, y: Tensor): void {
    this.shift ??= this.shiftOf(x, y);
    const [shiftX, shiftY] = this.shift;
    const former = this.sums;
    this.sums = tidy(() => {
      const [cx, cy] = this.isCentral ? [sub(x, shiftX), sub(y, shiftY)] : [x, y];
      const sums: Sums = {
        gram: matMul(cx, cx, true, false),
        product: matMul(cx, cy, true, false),
        diagonal: transpose(sum(square(cx), 1, true), [0, 2, 1]),
        x: sum(cx, 1, true),
        y: sum(cy, 1, true),
        energy: sum(square(cy), 1, true),
      };
      const names = Object.keys(sums) as Array<keyof Sums>;
      names.forEach((name) => (sums[name] = former ? add(former[name], sums[name]) : sums[name]));
      names.forEach((name) => keep(sums[name]));
      return sums;
    });
    dispose(former ?? []);
    this.rows += x.shape[1]!;
  }

  gram(weights: Tensor): Tensor {
    return tidy(() => {
      const raw = mul(matMul(this.total.gram, weights), 1 / this.rows);
      if (!this.isCentral) {
        return raw;
      }
      const offset = this.offset(this.total.x);
      return sub(raw, matMul(transpose(offset, [0, 2, 1]), matMul(offset, weights)));
    });
  }

  get product(): Tensor {
    return tidy(() => {
      const {product, x, y} = this.total;
      const raw = mul(product, 1 / this.rows);
      return this.isCentral
        ? sub(raw, matMul(transpose(this.offset(x), [0, 2, 1]), this.offset(y)))
        : raw;
    });
  }

  get diagonal(): Tensor {
    return tidy(() => {
      const {diagonal, x} = this.total;
      const raw = mul(diagonal, 1 / this.rows);
      const central = () => sub(raw, transpose(square(this.offset(x)), [0, 2, 1]));
      return this.isCentral ? maximum(central(), 0) : raw;
    });
  }

  /** The variances of the wanted outputs, [groups, 1, outputs]; without a bias their mean squares. */
  get energy(): Tensor {
    return tidy(() => {
      const {energy, y} = this.total;
      const raw = mul(energy, 1 / this.rows);
      return this.isCentral ? maximum(sub(raw, square(this.offset(y))), 0) : raw;
    });
  }

  /** The means of X [groups, 1, inputs] and of Y [groups, 1, outputs]. */
  means(): [Tensor, Tensor] {
    return tidy(() => {
      const [shiftX, shiftY] = this.shift!;
      const {x, y} = this.total;
      return [add(shiftX, this.offset(x)), add(shiftY, this.offset(y))];
    });
  }

  /**
   * The mean squares of X·weights − Y, [groups, 1, outputs], the means left out
   * where there is a bias.
   */
  residual(weights: Tensor): Tensor {
    return tidy(() => {
      const half = sub(this.gram(weights), mul(this.product, 2));
      return maximum(add(sum(mul(weights, half), 1, true), this.energy), 0);
    });
  }

  /** Frees the sums. */
  dispose(): void {
    dispose(this.sums ?? []);
    dispose(this.shift ?? []);
    this.sums = this.shift = null;
  }

  private get total(): Sums {
    return this.sums!;
  }

  private offset(total: Tensor): Tensor {
    return mul(total, 1 / this.rows);
  }

  private shiftOf(x: Tensor, y: Tensor): [Tensor, Tensor] {
    const {groups, inputs, outputs} = this.size;
    return this.isCentral
      ? [keep(mean(x, 1, true)), keep(mean(y, 1, true))]
      : [keep(zeros([groups, 1, inputs])), keep(zeros([groups, 1, outputs]))];
  }
}
