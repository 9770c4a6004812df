export {autoPrune, type AutoPruneArgs, type AutoPruned, type AutoPruneReport} from './auto_prune';
export type {Criterion, CriterionContext, CriterionFunction, CriterionName} from './criterion';
export {distill, type DistillArgs, type Distillation} from './distill';
export {PruningError} from './errors';
export type {Granularity} from './granularity';
export {countMacs, type LayerMacs, type MacsReport} from './macs';
export {getMask, pruneNow, pruneStep, setMask, type PruneNowArgs} from './masks_by_hand';
export {releaseMasks, snapshotWeights, type ReleaseMasksArgs, type WeightSnapshot} from './release';
export {sparsityReport, type SparsityReport, type WeightSparsity} from './report';
export {
  recipeCallbacks,
  runRecipe,
  type RecipeProgress,
  type RecipeResult,
  type RecipeStepReport,
  type RunRecipeArgs,
} from './run_recipe';
export {
  sensitivity,
  type LayerSensitivity,
  type SensitivityArgs,
  type SensitivityProgress,
  type SensitivityResult,
} from './sensitivity';
export {sensitivitySvg} from './sensitivity_svg';
export {stripPruning} from './strip';

export type {DecayArgs} from './args/decay';
export type {
  DynamicSparsityArgs,
  ScheduledSurgeryArgs,
  SparseTrainingArgs,
  ThresholdSurgeryArgs,
} from './args/dynamic';
export type {LayerPrunerArgs} from './args/layer_pruner';
export type {ProgressArgs} from './args/progress';
export type {SelectionArgs} from './args/selection';
export type {AutoPruneProgress} from './auto/bench';
export type {BudgetArgs} from './auto/budget';
export type {Candidate} from './auto/candidate';
export type {GoalArgs} from './auto/goal';
export type {JournalStore} from './auto/journal';
export type {TrainingData} from './auto/training_data';
export {ChannelPruner, type ChannelPrunerArgs} from './callbacks/channel_pruner';
export {ClusterWeights, type ClusterWeightsArgs} from './callbacks/cluster_weights';
export {composeCallbacks, type CallbackLike} from './callbacks/compose';
export {ConstantSparsity, type ConstantSparsityArgs} from './callbacks/constant_sparsity';
export {DynamicSparsity} from './callbacks/dynamic_sparsity';
export {L1Regularizer, type L1RegularizerArgs} from './callbacks/l1_regularizer';
export {LayerPruner} from './callbacks/layer_pruner';
export {NeuronPruner, type NeuronPrunerArgs} from './callbacks/neuron_pruner';
export {PolynomialDecay, type PolynomialDecayArgs} from './callbacks/polynomial_decay';
export {QuantizeAware, type QuantizeAwareArgs} from './callbacks/quantize_aware';
export {SparsityLogger, type SparsityLoggerArgs} from './callbacks/sparsity_logger';
export type {StructuredPruningArgs} from './callbacks/structured_pruning';
export {ThresholdPruning, type ThresholdPruningArgs} from './callbacks/threshold_pruning';
export type {WeightPruningArgs} from './callbacks/weight_pruning';
export type {Calibration, CalibrationData, CalibrationDataset} from './data/calibration';
export type {TrainingDataset} from './data/dataset';
export type {EvaluationData, EvaluationMetric, EvaluationTensors} from './data/evaluation';
export type {Hints} from './distillation/hints';
export type {LossFunction} from './distillation/loss';
export type {PrintLine} from './logger/console';
export type {SparsityEntry, WeightEntry} from './logger/entry';
export type {SummaryWriter} from './logger/tensor_board';
export type {Tfvis, TfvisArgs} from './logger/tfvis';
export type {LayerFilter, LayerSelection} from './model/layer_selection';
export type {DataName, RecipeData} from './recipe/callbacks';
export type {Recipe, RecipeCallbacks, RecipeStep} from './recipe/recipe';
export type {Regrowth} from './regrow/regrowth';
export type {CentroidInit} from './rounding/clustering';
export type {BlockStructure, NMStructure, Structure} from './selection/pattern';
export type {ImportanceArgs} from './structure/channel_scorer';
export type {ChannelSparsity} from './structure/channel_sparsity';
export {foldNormalization} from './structure/fold_normalization';
export type {
  Binding,
  ChannelGraph,
  ChannelRole,
  ChannelRule,
  Consumer,
  Resize,
  RuleCall,
} from './structure/graph/channel_graph';
export {Channels, onlyZeros, type Constants} from './structure/graph/channels';
export type {LayerConfig} from './structure/graph/layer_tree';
export type {Importance, ImportanceName} from './structure/importance';
export type {ImportanceContext, ImportanceFunction} from './structure/importances/custom';
export {recalibrateNormalization} from './structure/recalibrate_normalization';
export {registerChannelRule} from './structure/rules/registry';
export {shrink, type ShrinkArgs, type ShrinkReport, type ShrunkGroup} from './structure/shrink';
export type {Stoppable} from './training/stoppable';
