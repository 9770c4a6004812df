/** `sparsify` alone, for pages that predict: `tfjs-prune/wasm` also brings what trains. */
export type {GraphInput, GraphModelLike} from './model/graph_model';
export {sparsify, type Sparsified, type SparsifiedWeight, type SparsifyArgs} from './wasm/sparsify';
