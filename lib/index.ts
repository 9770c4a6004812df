export {composeCallbacks, type CallbackLike} from './callbacks/compose';
export {ConstantSparsity, type ConstantSparsityArgs} from './callbacks/constant_sparsity';
export {PolynomialDecay, type PolynomialDecayArgs} from './callbacks/polynomial_decay';
export type {WeightPruningArgs} from './callbacks/weight_pruning';
export {PruningError} from './errors';
export type {LayerSelection} from './prunable';
export {sparsityReport, type SparsityReport, type WeightSparsity} from './report';
export {stripPruning} from './strip';
