import type {LayersModel} from '@tensorflow/tfjs-layers';

import type {SelectedWeight} from '../model/prunable';
import type {SparsityFunction} from '../schedule/schedule';
import type {WatchedScores} from './watched_scores';
import type {Choose, WeightGroup} from './weight_group';

/** The ways in which weights are selected, scored, grouped and pruned. */
export interface Ways {
  /** The weights of a model that are to be pruned. */
  readonly weightsOf: (model: LayersModel) => SelectedWeight[];
  /** How important they are. */
  readonly scores: WatchedScores;
  /** Which of them share a sparsity. */
  readonly group: (
    weights: readonly SelectedWeight[],
    schedule: (finalSparsity?: number) => SparsityFunction,
  ) => WeightGroup[];
  /** Which elements of a group go. */
  readonly choose: Choose;
  /** Says in the end what the groups have come to, where that may be a surprise. */
  readonly tell?: (groups: readonly WeightGroup[]) => void;
}
