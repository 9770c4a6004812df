import {PruningError} from './errors';

/** Runs `task`, and tells of misuses in it as those of a part of the whole at `path`. */
export function within<R>(path: string, task: () => R): R {
  const tell = (error: unknown): never => {
    throw error instanceof PruningError ? errorWithin(path, error) : error;
  };
  try {
    const result = task();
    return result instanceof Promise ? (result.catch(tell) as R) : result;
  } catch (error) {
    return tell(error);
  }
}

/** `error` as one of the whole at `path`, of which its argument is a part. */
export function errorWithin(path: string, error: PruningError): PruningError {
  const {argument, expected, received} = error;
  return new PruningError(`${path}.${argument}`, expected, received, {cause: error});
}
