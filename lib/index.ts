export type {AutoPruneArgs} from './auto/args';
export {autoPrune, type AutoPruned} from './auto/auto_prune';
export type {AutoPruneReport, ReportedTrial} from './auto/auto_prune_report';
export type {Cost} from './auto/cost';
export type {
  Crew,
  Executor,
  Failed,
  Ground,
  LayerTask,
  Measured,
  Run,
  Task,
  TaskOutcome,
  TrialTask,
  Watch,
} from './auto/executor';
export type {Settings} from './auto/material';
export type {
  Criterion,
  CriterionContext,
  CriterionFunction,
  CriterionName,
} from './weights/criterion';
export {distill, type DistillArgs, type Distillation} from './distillation/distill';
export type {OutputKind} from './distillation/heads/head';
export type {OutputArgs, WeightedOutputArgs} from './distillation/heads/heads';
export type {Labels} from './distillation/teacher';
export {PruningError} from './base/errors';
export type {Granularity} from './callbacks/granularity';
export {countMacs, type LayerMacs, type MacsReport} from './report/macs';
export {applyMasks, getMask, pruneNow, setMask, type PruneNowArgs} from './by_hand/masks_by_hand';
export {releaseMasks, snapshotWeights, type ReleaseMasksArgs} from './by_hand/release';
export type {WeightSnapshot} from './projection/regrowth';
export {channelGroups, type ListedChannels} from './report/channel_groups';
export type {Reduce} from './channels/by_channel';
export type {Normalize} from './channels/choose_channels';
export type {GroupSize} from './channels/group_size';
export type {ChannelScope} from './channels/channel_choice';
export type {IgnoredChannels} from './channels/groups/select_groups';
export type {ChannelKind, ChannelRole} from './channels/graph/channel_graph';
export {sparsityReport, type SparsityReport, type WeightSparsity} from './report/report';
export {
  recipeCallbacks,
  runRecipe,
  type RecipeProgress,
  type RecipeResult,
  type RecipeStepReport,
  type RunRecipeArgs,
} from './recipe/run_recipe';
export {sensitivity, type SensitivityArgs, type SensitivityProgress} from './auto/sensitivity';
export type {LayerSensitivity, SensitivityResult} from './auto/sensitivity_result';
export {sensitivitySvg} from './auto/sensitivity_svg';
export {stripPruning} from './by_hand/strip';

export {constantSparsity, type ConstantSparsityScheduleArgs} from './schedule/constant';
export {exponentialDecay, polynomialDecay, type DecayArgs} from './schedule/decay';
export {piecewiseConstant} from './schedule/piecewise';
export type {ScheduleArgs} from './schedule/choose';
export type {OpenEndedArgs} from './schedule/open_ended';
export type {Schedule, SparsityFunction} from './schedule/schedule';
export type {ScheduleUnit} from './schedule/position';
export {wordFrequency, wordNorm, type WordArgs} from './weights/words';
export {WeightPruner, type WeightPrunerArgs} from './callbacks/weight_pruner';
export type {
  DynamicSparsityArgs,
  ScheduledSurgeryArgs,
  SparseTrainingArgs,
  ThresholdSurgeryArgs,
} from './weights/regrow/methods';
export type {LayerPrunerArgs} from './layers/args';
export type {TimingArgs} from './schedule/timing';
export type {NormalizationArgs, NormalizationMode} from './model/follow_normalization';
export type {SelectionArgs} from './weights/selection';
export type {AutoPruneProgress, RunningTrial} from './auto/progress';
export type {BudgetArgs} from './auto/budget';
export type {Candidate} from './auto/candidate';
export type {GoalArgs} from './auto/goal';
export type {TrainingData} from './data/training_data';
export {BestWeights, type BestWeightsArgs} from './callbacks/best_weights';
export {ChannelPruner, type ChannelPrunerArgs} from './callbacks/channel_pruner';
export {ClusterWeights, type ClusterWeightsArgs} from './callbacks/cluster_weights';
export {composeCallbacks, type CallbackHooks, type CallbackLike} from './callbacks/compose';
export {ConstantSparsity, type ConstantSparsityArgs} from './callbacks/constant_sparsity';
export {DynamicSparsity} from './callbacks/dynamic_sparsity';
export {L1Regularizer, type L1RegularizerArgs} from './callbacks/l1_regularizer';
export {
  LearningRateRewinding,
  type LearningRateRewindingArgs,
} from './callbacks/learning_rate_rewinding';
export {LayerPruner} from './callbacks/layer_pruner';
export {NeuronPruner, type NeuronPrunerArgs} from './callbacks/neuron_pruner';
export {PolynomialDecay, type PolynomialDecayArgs} from './callbacks/polynomial_decay';
export {QuantizeAware, type QuantizeAwareArgs} from './callbacks/quantize_aware';
export {SparsityLogger, type SparsityLoggerArgs} from './callbacks/sparsity_logger';
export type {StructuredPruningArgs} from './callbacks/base/structured_pruning';
export {ThresholdPruning, type ThresholdPruningArgs} from './callbacks/threshold_pruning';
export type {WeightPruningArgs} from './callbacks/base/weight_pruning';
export type {EvaluationMetric} from './data/evaluation';
export type {SampleDataset, Samples, SampleTensors} from './data/samples';
export type {Hints} from './distillation/hints';
export type {LossFunction} from './distillation/loss';
export type {PrintLine} from './report/logger/console';
export type {SparsityEntry, WeightEntry} from './report/logger/entry';
export type {SummaryWriter} from './report/logger/tensor_board';
export type {Tfvis, TfvisArgs} from './report/logger/tfvis';
export type {LayerFilter, LayerName, LayerSelection} from './model/layer_selection';
export type {DataName, RecipeData} from './recipe/callbacks';
export type {Recipe, RecipeCallbacks, RecipeStep} from './recipe/recipe';
export type {Regrowth} from './projection/regrowth';
export type {CentroidInit} from './projection/rounding/clustering';
export type {BlockStructure, NMStructure, Structure} from './weights/structure';
export type {ImportanceArgs} from './channels/channel_scorer';
export type {ChannelSparsity} from './channels/channel_sparsity';
export {foldNormalization} from './shrink/fold_normalization';
export type {Importance, ImportanceName} from './channels/importance';
export type {ImportanceContext, ImportanceFunction} from './channels/importances/custom';
export {recalibrateNormalization} from './shrink/recalibrate_normalization';
export {shrink, type ShrinkArgs, type ShrinkReport, type ShrunkGroup} from './shrink/shrink';
export {
  shrinkVocabulary,
  type ShrinkVocabularyArgs,
  type ShrunkVocabulary,
  type Vocabulary,
} from './shrink/shrink_vocabulary';
export type {Verbose} from './base/progress_line';
export type {Stoppable} from './base/stoppable';
export type {JournalStore} from './files/journal_store';
export {reconstruct, type ReconstructArgs, type ReconstructReport} from './reconstruct/reconstruct';
export type {LeftLayer} from './reconstruct/layer_sites';
export type {ReconstructedLayer, ReconstructProgress} from './reconstruct/sequence';
export type {Teacher, TeacherWeights} from './reconstruct/teacher';
export type {PruneByDataArgs} from './reconstruct/prune_by_data';
export {pruneChannelsNow, type PruneChannelsNowArgs} from './by_hand/prune_channels_now';
export type {NamedChannels} from './channels/named_channels';
export {
  pruneGraph,
  type PruneGraphArgs,
  type PruneGraphReport,
  type PrunedGraphWeight,
} from './by_hand/prune_graph';
export type {GraphInput, GraphModelLike} from './model/graph_model';
