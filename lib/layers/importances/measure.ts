import type {Tensor} from '@tensorflow/tfjs-core';

import type {MeasureContext} from '../../channels/importances/measure';
import type {LayerUnit} from '../layer_units';

/** What a measure may look at beside the layers. */
export type LayerMeasureContext = Omit<MeasureContext, 'reduce'>;

/**
 * How much each layer or branch matters, the least important lowest: float32 of
 * shape `[units]`, on the device, owned by the caller.
 */
export type LayerMeasure = (
  units: readonly LayerUnit[],
  context: LayerMeasureContext,
) => Tensor | Promise<Tensor>;
