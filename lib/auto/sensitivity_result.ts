import type {Granularity} from '../callbacks/granularity';

/** The metric of the model with one layer pruned. */
export interface LayerSensitivity {
  /** The layer's path. */
  name: string;
  /** Number of its weights, channels or units that can be pruned. */
  size: number;
  /** The metric of the model with this layer alone at each sparsity. */
  points: Array<{
    /** Share of its weights, channels or units that were zero. */
    sparsity: number;
    /** The metric at this sparsity; NaN if the measurement failed. */
    metric: number;
    /** Why the measurement failed on all workers of an `executor`. */
    failed?: string;
  }>;
}

/** The result of `sensitivity`; plain JSON. */
export interface SensitivityResult {
  /** What was pruned: weights, channels or neurons. */
  granularity: Granularity;
  /** What was measured: `'accuracy'`, `'loss'`, or the function's name. */
  metric: string;
  /** The metric of the model before pruning. */
  baseline: number;
  /** Each layer that can be pruned, in the model's order. */
  layers: LayerSensitivity[];
}
