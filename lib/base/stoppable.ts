import {check} from './check';

/** Options to stop a long run: a signal, or a function that receives the progress. */
export interface Stoppable<P> {
  /** Stops the run when it is aborted. */
  signal?: AbortSignal;
  /** Called with the progress during the run; return `false` to stop it. */
  onProgress?: (progress: P) => void | boolean | Promise<void | boolean>;
}

/**
 * Tells of the progress.
 *
 * @throws The signal's reason, or an `AbortError` where `onProgress` returned `false`.
 */
export async function tell<P>({signal, onProgress}: Stoppable<P>, progress: P): Promise<void> {
  signal?.throwIfAborted();
  if ((await onProgress?.(progress)) === false) {
    throw new DOMException('onProgress has returned false.', 'AbortError');
  }
  signal?.throwIfAborted();
}

/** Throws where one of them is not what it should be. */
export function checkStoppable({signal, onProgress}: Stoppable<never>): void {
  const isSignal = signal === undefined || typeof signal.throwIfAborted === 'function';
  check(isSignal, 'signal', 'an AbortSignal', signal);
  const isFunction = onProgress === undefined || typeof onProgress === 'function';
  check(isFunction, 'onProgress', 'a function', onProgress);
}
