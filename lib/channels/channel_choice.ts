import {check, checkChoice, checkInteger} from '../base/check';
import type {LayerSelection} from '../model/layer_selection';
import {type Normalize, NORMALIZERS} from './choose_channels';
import {checkGroupSize, type GroupSize} from './group_size';
import {checkGroupSelection, type IgnoredChannels} from './groups/select_groups';

/** Which channels are ranked together: those of a layer, all, or those alike in all layers. */
export type ChannelScope = (typeof CHANNEL_SCOPES)[number];

const CHANNEL_SCOPES = ['layer', 'global', 'isomorphic'] as const;

/** Which channels may go, shared by all that prunes a share of them. */
export interface ChannelChoiceArgs {
  /**
   * Which layers: a predicate that holds for all layers whose channels go
   * together, a list of names, or a map from name to that layer's own
   * sparsity, where `false` leaves it alone. Default: all that can be pruned.
   */
  layers?: LayerSelection;
  /**
   * Layers to leave alone, and with them those coupled to them; or a map from a
   * layer's name to the numbers of its outputs that stay, `{conv2d_1: [0, 5]}`,
   * `true` for all. Default: none.
   */
  ignore?: IgnoredChannels;
  /**
   * `'layer'`: each layer gets the sparsity. `'global'`: all channels together
   * do, by scores in units of their layer's mean. `'isomorphic'`: as `'global'`, but
   * only among channels that the same kinds of weights make and read. Each kind gets the
   * sparsity, and channels within residual branches do not compete with those around them
   * (Fang et al. 2024, https://arxiv.org/abs/2407.04616). Layers with a sparsity of their
   * own in `layers` stand apart. Default: `'layer'`.
   */
  scope?: ChannelScope;
  /**
   * With `scope: 'global'` or `'isomorphic'`, what divides the scores of a layer: the
   * `'mean'` of what is left, the `'max'`, or `'none'`. `'standard'` takes away their mean
   * and divides by their standard deviation. Default: `'mean'`.
   */
  normalize?: Normalize;
  /**
   * How many channels in a row go together, such as the dimension of a head of attention:
   * a number for all layers, or a map from the names of some, `{query: 16}`. They are ranked
   * by the mean of their scores. It divides the number of a layer's channels. Default: 1.
   */
  groupSize?: GroupSize;
  /**
   * The number of channels kept is rounded up to a multiple of this, at least
   * 1; layers that have fewer stay whole. Default: 1.
   */
  roundTo?: number;
  /** Channels that each layer keeps at least, at least 1. Default: 1. */
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
