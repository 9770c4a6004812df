import {Child, Refused} from './child';
import {workerScript} from './script';

/**
 * Looks at what the module of data at `path` exports, in a process of its own: this one needs no
 * data.
 *
 * @throws PruningError where it can't be imported, or lacks something.
 */
export async function checkData(path: string): Promise<void> {
  const limits = {silence: 600, seconds: Infinity, megabytes: Infinity};
  const child = new Child(workerScript(), {data: path, model: null, settings: null}, limits);
  try {
    await child.ready;
  } catch (error) {
    throw error instanceof Refused ? error.reason : error;
  } finally {
    child.kill('it is not needed any more');
  }
}
