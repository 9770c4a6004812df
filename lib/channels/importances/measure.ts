import type {Tensor} from '@tensorflow/tfjs-core';
import type {LayersModel} from '@tensorflow/tfjs-layers';

import type {Batch} from '../../data/batches';
import type {Reduce} from '../by_channel';
import type {ChannelGroup} from '../groups/channel_groups';

/** A group whose channels are scored, and those of them that are pruned already. */
export interface ScoredGroup {
  readonly group: ChannelGroup;
  readonly pruned: ReadonlySet<number>;
}

/** What a measure may look at beside what it scores. */
export interface MeasureContext {
  readonly model: LayersModel;
  /** How what several weights say of a channel becomes one score. */
  readonly reduce: Reduce;
  /** For chance. */
  readonly seed: number;
  /** Data; none for a measure that looks at weights alone. */
  readonly batches: readonly Batch[];
}

/**
 * How much each channel matters, the least important lowest: for each group
 * float32 of shape `[size]`, on the device, owned by the caller. What channels
 * that are pruned get does not matter, as long as it is finite.
 */
export type Measure = (
  groups: readonly ScoredGroup[],
  context: MeasureContext,
) => Tensor[] | Promise<Tensor[]>;
