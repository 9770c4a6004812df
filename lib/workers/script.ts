import {join} from 'node:path';

/** The program that a worker runs: Node loads one build of the package, of which it is a file. */
export const WORKER = join(__dirname, 'worker.cjs');
