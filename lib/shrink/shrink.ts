import type {LayersModel} from '@tensorflow/tfjs-layers';

import {checkOptions} from '../base/check';
import type {ChannelSparsity} from '../channels/channel_sparsity';
import {type ChannelGroup, groupsOf} from '../channels/groups/channel_groups';
import {traceChannels} from '../channels/groups/trace';
import {zeroAddends} from '../layers/idle_layers';
import {checkModel} from '../model/check_model';
import {takeOver} from '../model/copy_compilation';
import {isIdentity} from '../model/layer_settings';
import {namedLayers} from '../model/layer_tree';
import {disposeModel} from '../model/rebuild';
import {findRemovable} from './removal';
import {withoutChannels, withoutIdleLayers} from './smaller_model';

/** What became of one group of channels. */
export interface ShrunkGroup {
  /** Path of the first layer that makes the channels. */
  name: string;
  /** Paths of all layers that make them. */
  layers: readonly string[];
  /** Number of channels before. */
  size: number;
  /** Numbers of the channels that were removed. */
  removed: number[];
  /** Channels that no layer makes anything of, yet had to stay, and why. */
  kept: ChannelSparsity['kept'];
  /** Why all of them had to stay, if so. */
  frozen: string | undefined;
}

/** What `shrink` did. */
export interface ShrinkReport {
  /** Paths of the layers that did nothing, and are left out. */
  layers: string[];
  /** The channels of the others. */
  groups: ShrunkGroup[];
  /** Number of parameters before. */
  before: number;
  /** Number of parameters after. */
  after: number;
}

/** Options of `shrink`. */
export interface ShrinkArgs {
  /** Called with what was removed and what was not, before the model is returned. */
  onReport?: (report: ShrinkReport) => void;
}

/**
 * Makes a smaller model of one in which whole channels, units or filters are
 * zero: masked by a callback, or plain zeros after `stripPruning`. It computes
 * the same: what a removed channel still added, such as the sigmoid of zero, is
 * now part of the next bias. A channel for which that is not exact stays, and
 * so does the last of a layer: see `onReport`.
 *
 * Layers that do nothing are left out: linear activations, such as `LayerPruner`
 * leaves, and branches that add nothing but zeros.
 *
 * The new model is a plain one of the same layer names, to be saved, loaded and
 * trained as any. If `model` is compiled, so is it, with a fresh optimizer.
 * `model` stays as it is; dispose of it when it is no longer needed.
 *
 * @param model Any `tf.sequential` or `tf.model`, nested ones included.
 * @param args `onReport`: a function to be told what was removed.
 * @returns The new model. The caller owns it.
 * @throws PruningError for what is not a LayersModel.
 * @example
 * const smaller = await shrink(model);
 * await smaller.save('downloads://smaller');
 */
export async function shrink<T extends LayersModel>(model: T, args: ShrinkArgs = {}): Promise<T> {
  checkModel(model);
  checkOptions('shrink', args, ['onReport']);
  let isSmaller = false;
  const onReport = (report: ShrinkReport) => {
    isSmaller = report.layers.length > 0 || report.after < report.before;
    args.onReport?.(report);
  };
  const smaller = await shrunkModel(model, {onReport});
  if (!isSmaller && args.onReport === undefined) {
    console.warn(
      'shrink: nothing is removed, since no channel or unit is zero as a whole. Zeros that are ' +
        'spread stay: ChannelPruner, NeuronPruner and pruneChannelsNow prune whole ones.',
    );
  }
  return smaller;
}

/** As `shrink`, of a model that is one, and without a warning where nothing is removed. */
export async function shrunkModel<T extends LayersModel>(
  model: T,
  args: ShrinkArgs = {},
): Promise<T> {
  const thinner = await dropIdleLayers(model);
  const [smaller, groups] = await dropChannels(thinner ?? model).finally(
    () => thinner && disposeModel(thinner),
  );
  try {
    const left = new Set(namedLayers(thinner ?? model).map(({path}) => path));
    const layers = namedLayers(model).flatMap(({path}) => (left.has(path) ? [] : [path]));
    takeOver(model, smaller);
    const [before, after] = [model.countParams(), smaller.countParams()];
    args.onReport?.({layers, groups, before, after});
  } catch (cause) {
    disposeModel(smaller);
    throw cause;
  }
  return smaller;
}

/** A new model without the layers that do nothing, or `null` where there are none. */
async function dropIdleLayers<T extends LayersModel>(model: T): Promise<T | null> {
  const zeros = await zeroAddends(model, traceChannels(model));
  const isIdle = zeros.size > 0 || namedLayers(model).some(({layer}) => isIdentity(layer));
  return isIdle ? withoutIdleLayers(model, zeros) : null;
}

/** A new model without the channels that can go, and what became of all. */
async function dropChannels<T extends LayersModel>(model: T): Promise<[T, ShrunkGroup[]]> {
  const graph = traceChannels(model);
  const removal = await findRemovable(graph);
  const groups = groupsOf(graph).map(({group, roots}) => {
    const removed = roots.flatMap((root, i) => (removal.gone(root) ? [i] : []));
    const kept = roots.flatMap((root, channel) => {
      const reason = removal.kept.get(root);
      return reason === undefined ? [] : [{channel, reason}];
    });
    return {...summary(group), removed, kept};
  });
  return [withoutChannels(model, graph, removal), groups];
}

function summary({name, layers, size, frozen}: ChannelGroup) {
  return {name, layers, size, frozen};
}
