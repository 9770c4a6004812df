import {check, checkChoice, checkInteger} from '../base/check';
import type {LayerSelection} from '../model/layer_selection';
import {type Normalize, NORMALIZERS} from './choose_channels';
import {checkGroupSize, type GroupSize} from './group_size';
import {checkGroupSelection, type IgnoredChannels} from './groups/select_groups';

/** Which channels are ranked together: those of a layer, all, or those in the same role. */
export type ChannelScope = (typeof CHANNEL_SCOPES)[number];

/** The values of `ChannelScope`. */
export const CHANNEL_SCOPES = ['layer', 'global', 'isomorphic'] as const;

/** How to choose channels: options of all functions that prune a share of them. */
export interface ChannelChoiceArgs {
  /**
   * Which layers: a predicate that holds for all coupled layers, a list of names, or a
   * map from name to the sparsity of that layer, where `false` excludes it. Default: all
   * that can be pruned.
   */
  layers?: LayerSelection;
  /**
   * Layers to exclude, together with those coupled to them; or a map from the name of a
   * layer to the indices of the outputs to keep, `{conv2d_1: [0, 5]}`, or `true` for all.
   * Default: none.
   */
  ignore?: IgnoredChannels;
  /**
   * How to spread the sparsity. `'layer'`: each layer has the sparsity. `'global'`: all
   * channels together have it, ranked by scores in units of their layer's mean.
   * `'isomorphic'`: like `'global'`, but only channels that the same kinds of weights
   * produce and read are ranked together. Each kind has the sparsity, so channels within
   * residual branches do not compete with those around them (Fang et al. 2024,
   * https://arxiv.org/abs/2407.04616). Layers with a sparsity of their own in `layers`
   * are not included. Default: `'layer'`.
   */
  scope?: ChannelScope;
  /**
   * With `scope: 'global'` or `'isomorphic'`, how to normalize the scores of a layer:
   * divide by the `'mean'` of the remaining channels, by the `'max'`, or not at all
   * (`'none'`). `'standard'` subtracts the mean and divides by the standard deviation.
   * Default: `'mean'`.
   */
  normalize?: Normalize;
  /**
   * Number of consecutive channels that are pruned together, such as the dimension of a
   * head of attention: a number for all layers, or a map from the names of some, `{query:
   * 16}`. It must divide the number of channels. Their score is the mean of the channels'
   * scores. Default: 1.
   */
  groupSize?: GroupSize;
  /**
   * The number of kept channels is rounded up to a multiple of this, at least 1. Layers
   * with fewer channels are not pruned. Default: 1.
   */
  roundTo?: number;
  /** Number of channels that each layer keeps at least, from 1. Default: 1. */
  minChannels?: number;
  /** Largest share of a layer's channels to be pruned, in (0, 1]. Default: 1. */
  maxSparsity?: number;
}

/** The names of `ChannelChoiceArgs`, for checking options. */
export const CHANNEL_CHOICE_OPTIONS = [
  'layers',
  'ignore',
  'scope',
  'normalize',
  'groupSize',
  'roundTo',
  'minChannels',
  'maxSparsity',
] as const;

/** Checks the arguments and fills in the defaults. Throws a PruningError for one out of its range. */
export function resolveChannelChoice(args: ChannelChoiceArgs) {
  const {layers, ignore = [], scope = 'layer', normalize = 'mean'} = args;
  const {groupSize = 1, roundTo = 1, minChannels = 1, maxSparsity = 1} = args;
  checkGroupSelection(layers, ignore);
  checkChoice('scope', scope, CHANNEL_SCOPES);
  checkChoice('normalize', normalize, NORMALIZERS);
  const isRanked = scope !== 'layer' || args.normalize === undefined;
  check(isRanked, 'scope', "'global' or 'isomorphic' with normalize", scope);
  checkGroupSize(groupSize);
  checkInteger('roundTo', roundTo, 1);
  checkInteger('minChannels', minChannels, 1);
  const isShare = typeof maxSparsity === 'number' && maxSparsity > 0 && maxSparsity <= 1;
  check(isShare, 'maxSparsity', 'a number in (0, 1]', maxSparsity);
  return {layers, ignore, scope, normalize, groupSize, limits: {roundTo, minChannels, maxSparsity}};
}
