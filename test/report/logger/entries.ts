import type {SparsityEntry} from '../../../lib/report/logger/entry';

/** An entry of two weights, the first one masked. */
export const ENTRY: SparsityEntry = {
  epoch: 2,
  step: 8,
  sparsity: 0.375,
  weights: [
    {name: 'dense_0/kernel', size: 24, zeros: 12, sparsity: 0.5, threshold: 0.25},
    {name: 'dense_10/recurrent_kernel', size: 8, zeros: 0, sparsity: 0, threshold: null},
  ],
};
