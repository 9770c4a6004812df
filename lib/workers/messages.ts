import type {Measured, Task} from '../auto/executor';
import type {Settings} from '../auto/material';
import type {StoredModel} from './stored_model';

/** What a worker is started with. */
export interface Setup {
  /** Path of the module that exports the data. */
  data: string;
  /** The model, where the module exports none; without an optimizer. */
  model: StoredModel;
  /** What model, data and versions must be; `null` to look at the module's exports only. */
  settings: Settings | null;
}

/** From the driver to a worker. */
export type ToWorker =
  | {kind: 'setup'; setup: Setup}
  | {kind: 'do'; id: number; task: Task}
  /** Ends the training that runs. */
  | {kind: 'cancel'; id: number};

/** From a worker to the driver. */
export type FromWorker =
  | {kind: 'ready'}
  /** It can't do tasks of this kind, nor would another one. */
  | {kind: 'refused'; error: SentError}
  /** It lives, with so many bytes of memory. */
  | {kind: 'alive'; bytes: number}
  | {kind: 'epoch'; id: number; epoch: number}
  | {kind: 'measured'; id: number; measured: Measured}
  | {kind: 'threw'; id: number; error: SentError};

/** An error in another process. */
export interface SentError {
  message: string;
  name: string;
  stack?: string;
  /** Of a `PruningError`. */
  argument?: string;
  expected?: string;
}
