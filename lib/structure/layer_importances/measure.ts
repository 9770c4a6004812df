import type {Tensor} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import type {CalibrationBatch} from '../../data/calibration';
import type {LayerUnit} from '../layer_units';

/** What a measure may look at beside the layers. */
export interface LayerMeasureContext {
  readonly model: LayersModel;
  /** For chance. */
  readonly seed: number;
  /** Data; none for a measure that looks at weights alone. */
  readonly batches: readonly CalibrationBatch[];
}

/**
 * How much each layer or branch matters, the least important lowest: float32 of
 * shape `[units]`, on the device, owned by the caller.
 */
export type LayerMeasure = (
  units: readonly LayerUnit[],
  context: LayerMeasureContext,
) => Tensor | Promise<Tensor>;
