import {check} from '../base/check';
import {DECAY_OPTIONS, polynomial, type DecayArgs} from './decay';
import {OPEN_ENDED_OPTIONS, resolveOpenEnded, type OpenEndedArgs} from './open_ended';
import {isSchedule, scheduleFrom, type Schedule, type SparsityFunction} from './schedule';

/** A schedule of your own, instead of the numbers of a polynomial decay. */
export interface ScheduleArgs extends OpenEndedArgs {
  /**
   * The sparsity at each step: `polynomialDecay(...)`, `exponentialDecay(...)`,
   * `constantSparsity(...)` or `piecewiseConstant(...)`, which also say when to update
   * the masks. Or a function from a step to a sparsity in [0, 1), which is called at
   * `beginStep`, every `frequency` steps after it, and at `endStep`.
   */
  schedule: Schedule | SparsityFunction;
}

/** The schedule that `args` ask for. Throws where one is out of its range. */
export function resolveSchedule(args: ScheduleArgs | DecayArgs): Schedule {
  if (!('schedule' in args) || (args.schedule === undefined && 'finalSparsity' in args)) {
    return polynomial(args as DecayArgs);
  }
  const {schedule} = args;
  const expected = 'a schedule such as polynomialDecay(...), or a function from step to sparsity';
  check(typeof schedule === 'function', 'schedule', expected, schedule);
  const given = args as Partial<DecayArgs>;
  const others = DECAY_OPTIONS.filter((name) => given[name] !== undefined);
  if (isSchedule(schedule)) {
    check(others.length === 0, others[0], 'none: the schedule sets it', given[others[0]]);
    return schedule;
  }
  const mistaken = others.find((name) => !OPEN_ENDED_OPTIONS.includes(name as never));
  check(!mistaken, mistaken!, 'none: the schedule sets it', given[mistaken!]);
  const made = scheduleFrom(schedule, resolveOpenEnded(args));
  checkRise(made);
  return made;
}

/** Looks at the updates of a schedule with an end, up to so many. */
const MOST_LOOKS = 1000;

/** Throws where a schedule falls: what is pruned stays pruned. */
function checkRise(schedule: Schedule): void {
  const {beginStep, endStep, frequency} = schedule.updates;
  if (Number.isFinite(endStep)) {
    const count = Math.min(MOST_LOOKS, Math.ceil((endStep - beginStep) / frequency));
    let former = 0;
    for (let i = 0; i <= count; ++i) {
      const step = i === count ? endStep : beginStep + i * frequency;
      const sparsity = schedule(step);
      check(
        sparsity >= former,
        `schedule(${step})`,
        `at least ${former}, as before, since what is pruned stays pruned`,
        sparsity,
      );
      former = sparsity;
    }
  }
}
