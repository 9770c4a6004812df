/** What `@tensorflow/tfjs` is to the snippets: the two packages that this project has of it. */
export * from '@tensorflow/tfjs-core';
export * from '@tensorflow/tfjs-layers';
