/**
 * What a script tag gets, as the global `tfPrune`: all of index.ts but what searches
 * or trains for long and belongs in a program (`autoPrune`, `distill`, recipes).
 */
export {
  applyMasks,
  BestWeights,
  channelGroups,
  ChannelPruner,
  ClusterWeights,
  composeCallbacks,
  ConstantSparsity,
  constantSparsity,
  countMacs,
  DynamicSparsity,
  exponentialDecay,
  foldNormalization,
  getMask,
  L1Regularizer,
  LayerPruner,
  NeuronPruner,
  piecewiseConstant,
  polynomialDecay,
  PolynomialDecay,
  pruneChannelsNow,
  pruneGraph,
  pruneNow,
  PruningError,
  QuantizeAware,
  recalibrateNormalization,
  reconstruct,
  releaseMasks,
  sensitivity,
  sensitivitySvg,
  setMask,
  shrink,
  shrinkVocabulary,
  snapshotWeights,
  SparsityLogger,
  sparsityReport,
  stripPruning,
  ThresholdPruning,
  WeightPruner,
  wordFrequency,
  wordNorm,
} from './index';
export {compressed} from './files/browser';
export {packed} from './files/load';
export {Channels, onlyZeros, registerChannelRule} from './rules';
