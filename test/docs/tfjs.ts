/** What `@tensorflow/tfjs` is to the snippets: the two packages that this project has of it. */
export * from '@tensorflow/tfjs-core';
export * from '@tensorflow/tfjs-layers';

import type {SummaryWriter} from '../../lib';

/** Of tfjs-node, for types only: it need not be installed. */
export declare const node: {summaryFileWriter(folder: string): SummaryWriter};
