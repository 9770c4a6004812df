import {checkOptions, checkSparsity} from '../base/check';
import {OPEN_ENDED_OPTIONS, resolveOpenEnded, type OpenEndedArgs} from './open_ended';
import {scheduleOf, type Schedule} from './schedule';

/** Arguments of `constantSparsity`. */
export interface ConstantSparsityScheduleArgs extends OpenEndedArgs {
  /** Sparsity from `beginStep` on, in [0, 1). */
  sparsity: number;
}

/**
 * Makes a schedule with one constant sparsity from `beginStep` on.
 *
 * @throws PruningError for an argument out of its range or an unknown option.
 * @example
 * const schedule = constantSparsity({sparsity: 0.5, beginStep: 10});
 * [9, 10].map(schedule); //=> [0, 0.5]
 */
export function constantSparsity(args: ConstantSparsityScheduleArgs): Schedule {
  checkOptions('constantSparsity', args, ['sparsity', ...OPEN_ENDED_OPTIONS]);
  const {sparsity} = args;
  checkSparsity('sparsity', sparsity);
  const updates = resolveOpenEnded(args);
  return scheduleOf(
    (step) => (step < updates.beginStep ? 0 : sparsity),
    updates,
    (finalSparsity) => constantSparsity({...args, sparsity: finalSparsity}),
  );
}
