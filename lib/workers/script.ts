import {join} from 'node:path';

/**
 * The path of the program that a worker runs: Node loads one build of the package, of which
 * it is a file.
 */
export function workerScript(): string {
  return join(__dirname, 'worker.cjs');
}
