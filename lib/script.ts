/**
 * What a script tag gets, as the global `tfPrune`: all of index.ts but what searches
 * or trains for long and belongs in a program (`autoPrune`, `distill`, recipes).
 */
export {
  ChannelPruner,
  Channels,
  ClusterWeights,
  composeCallbacks,
  ConstantSparsity,
  countMacs,
  DynamicSparsity,
  foldNormalization,
  getMask,
  L1Regularizer,
  LayerPruner,
  NeuronPruner,
  onlyZeros,
  PolynomialDecay,
  pruneNow,
  pruneStep,
  PruningError,
  QuantizeAware,
  recalibrateNormalization,
  registerChannelRule,
  releaseMasks,
  sensitivity,
  sensitivitySvg,
  setMask,
  shrink,
  snapshotWeights,
  SparsityLogger,
  sparsityReport,
  stripPruning,
  ThresholdPruning,
} from './index';
export {compressed} from './files/browser';
export {packed} from './files/load';
