import {PruningError} from '../../base/errors';

/**
 * Makes a handler for `catch` that says what was expected of `path`, with the
 * system's reason as what came instead and its error as the cause.
 */
export function fileError(path: string, expected: string): (cause: unknown) => never {
  return (cause) => {
    throw cause instanceof PruningError
      ? cause
      : new PruningError(path, expected, reason(cause), {cause});
  };
}

/** "ENOSPC: no space left on device", without the call and the path that follow. */
function reason(cause: unknown): string {
  const {message, syscall} = cause as NodeJS.ErrnoException;
  return syscall === undefined ? message : message.split(`, ${syscall}`)[0];
}
