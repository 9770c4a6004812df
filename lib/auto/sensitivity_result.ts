import type {Granularity} from '../callbacks/granularity';

/** How the model does with one layer pruned. */
export interface LayerSensitivity {
  /** The layer's path. */
  name: string;
  /** Its weights, channels or units that may be pruned. */
  size: number;
  /** The metric of the model with this layer alone at each sparsity. */
  points: Array<{
    /** Share of its weights, channels or units that were zero. */
    sparsity: number;
    /** The model's metric then; NaN where the measurement failed. */
    metric: number;
    /** Why there is no metric, where no worker of an `executor` has survived the measurement. */
    failed?: string;
  }>;
}

/** What `sensitivity` found; plain JSON. */
export interface SensitivityResult {
  /** What was pruned: weights, channels or neurons. */
  granularity: Granularity;
  /** What was measured: `'accuracy'`, `'loss'`, or the function's name. */
  metric: string;
  /** The metric of the model as it is. */
  baseline: number;
  /** Each layer that can be pruned, in the model's order. */
  layers: LayerSensitivity[];
}
