import type {Tensor, Variable} from '@tensorflow/tfjs-core';
import {mul} from '@tensorflow/tfjs-core';

import {DenseCopy} from '../dense_copy';
import {roundToGrid} from './affine_grid';
import type {Rounding} from './rounding';

/** Rounds a weight to an affine grid, while a dense copy takes the updates. */
export class GridRounding implements Rounding {
  private readonly copy: DenseCopy;

  constructor(
    weight: Variable,
    private readonly levels: number,
    private readonly perChannel: boolean,
  ) {
    this.copy = new DenseCopy(weight);
  }

  project(weight: Variable, mask: Tensor | null): void {
    this.copy.project(weight, (dense) =>
      roundToGrid(mask ? mul(dense, mask) : dense, this.levels, this.perChannel),
    );
  }

  dispose(): void {
    this.copy.dispose();
  }
}
