import type {Tensor} from '@tensorflow/tfjs-core';
import {mul} from '@tensorflow/tfjs-core';
import type {LayerVariable} from '@tensorflow/tfjs-layers';

import {DenseCopy} from '../dense_copy';
import {maskOf} from '../mask';
import type {Change} from '../registry';
import {roundToGrid} from './affine_grid';
import type {Rounding} from './rounding';

/** How finely a weight is rounded. */
export interface Grid {
  /** The largest integer that stands for a number of the grid, such as 255. */
  readonly levels: number;
  /** Whether each output channel has a grid of its own. */
  readonly perChannel: boolean;
}

/** Rounds a weight to an affine grid, while a dense copy takes the updates. */
export class GridRounding implements Rounding {
  /** A grid follows whatever is written. */
  readonly unfitting = null;

  /** @param copy The dense values of the weight; owned by the rounding. */
  constructor(
    readonly maker: object,
    private readonly grid: Grid,
    private readonly copy: DenseCopy,
  ) {}

  project(variable: LayerVariable, written: Tensor, change: Change): Tensor {
    const {levels, perChannel} = this.grid;
    const mask = maskOf(variable);
    return this.copy.project(written, change, (dense) =>
      roundToGrid(mask ? mul(dense, mask) : dense, levels, perChannel),
    );
  }

  clone(): GridRounding {
    return new GridRounding(this.maker, this.grid, this.copy.clone());
  }

  dispose(): void {
    this.copy.dispose();
  }
}
