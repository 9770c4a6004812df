import type {Crew, Task} from '../../auto/executor';
import type {Settings} from '../../auto/material';
import {Refused} from '../child';
import {sentError} from '../sent_error';
import {closed, connected, serverAt} from './connect';
import {type JobResult, opened, packResult, QUEUE, type Sealed} from './job';

/** What a worker of a queue needs. */
export interface ServeArgs {
  /** Where the queue is. */
  url: string;
  /** Its name. Default: `'tfjs-prune'`. */
  name?: string;
  /** Tasks that are done at once, at least 1. Default: 1. */
  count?: number;
  /** Seconds after which a worker that does not answer loses its task, at least 1. Default: 30. */
  lock?: number;
  /** Those who do the tasks that rest on these settings. */
  crewOf(settings: Settings): Crew;
  /** Called as a task begins, and as it ends. */
  onTask?: (task: Task, end: 'begins' | 'is done' | 'failed' | 'given back') => void;
}

/** A worker of a queue, at work. */
export interface Serving {
  /** Rejects where it can't do what is in the queue: with other data, model or version. */
  readonly refused: Promise<never>;
  /** Gives back what it does, and ends. */
  close(): Promise<void>;
}

/** How often a task goes to another worker where the one that does it is gone, without end. */
const MOST_STALLS = 1e6;

/**
 * Does the tasks in a queue, until it is closed. What it can't do it gives back for others.
 *
 * @throws PruningError where there is no server, or it does not let this process in.
 */
export async function serve(args: ServeArgs): Promise<Serving> {
  const {url, name = QUEUE, count = 1, lock = 30, crewOf, onTask = () => {}} = args;
  const {bull, connection, factory} = await serverAt(url);
  const running = new Map<string, {cancel(): void}>();
  let isOver = false;
  let refuse: (error: unknown) => void = () => {};
  const refused = new Promise<never>((_, reject) => (refuse = reject));
  refused.catch(() => {});
  const crews = new Map<string, {crew: Crew; tasks: number}>();

  /** Those who know these settings. Of others nobody stays who has nothing to do. */
  const crewFor = (settings: Settings) => {
    const key = JSON.stringify(settings);
    for (const [other, {crew, tasks}] of crews) {
      if (other !== key && tasks === 0) {
        crews.delete(other);
        void crew.close();
      }
    }
    const found = crews.get(key) ?? {crew: crewOf(settings), tasks: 0};
    crews.set(key, found);
    return found;
  };

  const work = async (job: InstanceType<typeof bull.Job>, token?: string): Promise<JobResult> => {
    const {settings, task} = opened(job.data as Sealed);
    const giveBack = async (): Promise<never> => {
      onTask(task, 'given back');
      await job.moveToWait(token);
      throw new bull.WaitingError();
    };
    if (isOver) {
      return giveBack();
    }
    onTask(task, 'begins');
    const watch = (_: Task, epoch: number) => void job.updateProgress({epoch}).catch(() => {});
    const own = crewFor(settings);
    ++own.tasks;
    const [run] = own.crew.run([task], watch);
    running.set(job.id!, run);
    try {
      const outcome = await run.outcome;
      if ('failed' in outcome) {
        if (outcome.failed === 'canceled') {
          return await giveBack();
        }
        onTask(task, 'failed');
        return outcome;
      }
      return packResult(outcome);
    } catch (error) {
      if (error instanceof Refused) {
        isOver = true;
        refuse(error.reason);
        return await giveBack();
      }
      if (error instanceof bull.WaitingError) {
        throw error;
      }
      onTask(task, 'failed');
      return {threw: sentError(error)};
    } finally {
      --own.tasks;
      running.delete(job.id!);
    }
  };

  const options = {
    connection,
    lockDuration: 1000 * lock,
    stalledInterval: 500 * lock,
    maxStalledCount: MOST_STALLS,
  };
  const workers = Array.from({length: count}, () => new bull.Worker(name, work, options, factory));
  for (const worker of workers) {
    // Said once the server has it: a worker that is killed before has not done it.
    worker.on('completed', ({data}, result: JobResult) => {
      if (!('failed' in result) && !('threw' in result)) {
        onTask(opened(data as Sealed).task, 'is done');
      }
    });
    // Whoever has been away too long has lost its tasks to others.
    worker.on('lockRenewalFailed', (ids) => ids.forEach((id) => running.get(id)?.cancel()));
  }
  await Promise.all(workers.map((worker) => connected(worker)));
  return {
    refused,
    async close() {
      isOver = true;
      running.forEach((run) => run.cancel());
      await closed(url, workers);
      await Promise.all([...crews.values()].map(({crew}) => crew.close()));
    },
  };
}
