/** The share of zeros from which on `sparsify` takes a weight: with fewer hardly any shape gains. */
export const MIN_SPARSITY = 0.4;
