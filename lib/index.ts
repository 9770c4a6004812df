export {ChannelPruner, type ChannelPrunerArgs} from './callbacks/channel_pruner';
export {composeCallbacks, type CallbackLike} from './callbacks/compose';
export {ConstantSparsity, type ConstantSparsityArgs} from './callbacks/constant_sparsity';
export {NeuronPruner, type NeuronPrunerArgs} from './callbacks/neuron_pruner';
export {PolynomialDecay, type PolynomialDecayArgs} from './callbacks/polynomial_decay';
export type {StructuredPruningArgs} from './callbacks/structured_pruning';
export type {WeightPruningArgs} from './callbacks/weight_pruning';
export {PruningError} from './errors';
export type {LayerSelection} from './prunable';
export {sparsityReport, type SparsityReport, type WeightSparsity} from './report';
export {stripPruning} from './strip';
export type {
  Binding,
  ChannelGraph,
  ChannelRole,
  ChannelRule,
  Consumer,
  LayerConfig,
  Resize,
  RuleCall,
} from './structure/channel_graph';
export {Channels, onlyZeros, type Constants} from './structure/channels';
export type {Importance, ImportanceContext, ImportanceFunction} from './structure/importance';
export {registerChannelRule} from './structure/rules/registry';
export {shrink, type ShrinkArgs, type ShrinkReport, type ShrunkGroup} from './structure/shrink';
