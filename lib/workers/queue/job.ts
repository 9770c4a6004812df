import {createHash} from 'node:crypto';
import {gunzipSync, gzipSync} from 'node:zlib';

import type {Measured, Task, TaskOutcome} from '../../auto/executor';
import type {Settings} from '../../auto/material';
import type {SentError} from '../messages';
import {errorOf} from '../sent_error';

/** The name of the queue where none is given. */
export const QUEUE = 'tfjs-prune';

/** What is in a queue: names and numbers, of which nothing is executed. */
export interface JobData {
  settings: Settings;
  task: Task;
}

/** The same as text: PostgreSQL gives the fields of an object in another order. */
export interface Sealed {
  json: string;
}

export function sealed(data: JobData): Sealed {
  return {json: JSON.stringify(data)};
}

export function opened({json}: Sealed): JobData {
  return JSON.parse(json) as JobData;
}

/** What people call a task. */
export function nameOf(task: Task): string {
  if (task.kind === 'layer') {
    return `${task.layer} at ${task.sparsity}`;
  }
  const {sparsity, allocation, scoring, epochs} = task.candidate;
  return `${sparsity} ${allocation} ${scoring}, ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}`;
}

/** What a worker leaves for the driver. */
export type JobResult =
  {measured: Omit<Measured, 'weights'>; weights?: string} | {failed: string} | {threw: SentError};

/** How far a job is. */
export interface JobProgress {
  epoch: number;
}

/** Bytes of weights, compressed, that fit into a queue; the driver trains larger ones itself. */
const MOST_BYTES = 32e6;

/** The same for the same task on the same ground, so that whoever adds it again adds nothing. */
export function jobId(data: JobData): string {
  return `t-${createHash('sha256').update(JSON.stringify(data)).digest('hex').slice(0, 40)}`;
}

/** What a worker leaves of `measured`. */
export function packResult({weights, ...measured}: Measured): JobResult {
  const packed = weights && gzipSync(weights);
  return packed && packed.length <= MOST_BYTES
    ? {measured, weights: packed.toString('base64')}
    : {measured};
}

/**
 * The outcome in what a worker has left.
 *
 * @throws What the task has thrown.
 */
export function unpackResult(result: JobResult): TaskOutcome {
  if ('threw' in result) {
    throw errorOf(result.threw);
  }
  if ('failed' in result) {
    return result;
  }
  const {measured, weights} = result;
  // JSON has no number for what came of a training that diverged.
  const metric = (measured.metric as number | null) ?? NaN;
  const bytes = weights && gunzipSync(Buffer.from(weights, 'base64'));
  return {...measured, metric, ...(bytes ? {weights: new Uint8Array(bytes)} : {})};
}
