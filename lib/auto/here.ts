import type {Crew, Run, Task, TaskOutcome, Watch} from './executor';
import type {Workplace} from './workplace';

/** Does tasks in this process, one after the other. */
export function crewHere(workplace: Workplace, signal?: AbortSignal): Crew {
  let last: Promise<unknown> = Promise.resolve();
  const begin = (task: Task, watch: Watch): Run => {
    let isCanceled = false;
    const outcome = last.then(async (): Promise<TaskOutcome> => {
      signal?.throwIfAborted();
      if (isCanceled) {
        return {failed: 'canceled'};
      }
      return workplace.do(task, {signal, onEpoch: async (epoch) => watch(task, epoch)});
    });
    last = outcome.catch(() => {});
    return {outcome, cancel: () => (isCanceled = true)};
  };
  return {
    size: 1,
    run: (tasks, watch) => tasks.map((task) => begin(task, watch)),
    close: async () => {},
  };
}
