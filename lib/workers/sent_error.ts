import {PruningError} from '../base/errors';
import type {SentError} from './messages';

/** What another process is told of an error. */
export function sentError(error: unknown): SentError {
  const {message, name, stack} = error instanceof Error ? error : new Error(String(error));
  const {argument, expected} = error instanceof PruningError ? error : {};
  return {message, name, stack, argument, expected};
}

/** The error, as if it had been thrown here. */
export function errorOf({message, name, stack, argument, expected}: SentError): Error {
  const error =
    name === 'PruningError'
      ? new PruningError(argument ?? 'executor', expected ?? 'no error', message)
      : Object.assign(new Error(message), {name});
  return Object.assign(error, {message, stack});
}
