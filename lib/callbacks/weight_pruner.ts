import {checkOptions} from '../base/check';
import {resolveSchedule, type ScheduleArgs} from '../schedule/choose';
import {OPEN_ENDED_OPTIONS} from '../schedule/open_ended';
import {WEIGHT_PRUNING_OPTIONS, WeightPruning, type WeightPruningArgs} from './base/weight_pruning';

/** Arguments of `WeightPruner`. */
export interface WeightPrunerArgs extends ScheduleArgs, WeightPruningArgs {}

/**
 * Prunes single weights by a schedule of your own while the model trains.
 * `PolynomialDecay` and `ConstantSparsity` do the same with a fixed kind of schedule.
 *
 * @throws PruningError for an argument out of its range, an unknown option or
 *   layer, a schedule that gives no sparsity, a model that is not compiled, and a
 *   NaN in the weights.
 * @example
 * const pruner = new WeightPruner({schedule: piecewiseConstant([[0, 0.5], [400, 0.9]])});
 * await model.fit(x, y, {epochs: 4, callbacks: [pruner]});
 * stripPruning(model);
 * @example
 * new WeightPruner({schedule: (step) => Math.min(0.9, step / 1000), endStep: 900, frequency: 50});
 */
export class WeightPruner extends WeightPruning {
  /** The class's name, which outlives minifiers. */
  static readonly className = 'WeightPruner';

  constructor(args: WeightPrunerArgs) {
    const options = ['schedule', ...OPEN_ENDED_OPTIONS, ...WEIGHT_PRUNING_OPTIONS];
    checkOptions('WeightPruner', args, options);
    const {schedule} = args;
    super(resolveSchedule({...args, schedule}), args);
  }
}
