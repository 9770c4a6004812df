import {wrap, type Remote} from 'comlink';

import type {Lab} from './lab/lab';

/** The lab in its worker, as the page sees it. */
export type RemoteLab = Remote<Lab>;

/** Starts the worker. */
export function startLab(): RemoteLab {
  return wrap<Lab>(new Worker(new URL('./lab/worker.ts', import.meta.url), {type: 'module'}));
}
