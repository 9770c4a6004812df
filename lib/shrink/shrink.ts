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

/** The result for one group of channels. */
export interface ShrunkGroup {
  /** Path of the first layer that produces the channels. */
  name: string;
  /** Paths of all layers that produce them. */
  layers: readonly string[];
  /** Number of channels before. */
  size: number;
  /** Indices of the removed channels. */
  removed: number[];
  /** Channels that are zero but had to stay, and why. */
  kept: ChannelSparsity['kept'];
  /** Why all channels had to stay; `undefined` if they did not. */
  frozen: string | undefined;
}

/** What `shrink` did. */
export interface ShrinkReport {
  /** Paths of the removed layers, which had no effect. */
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
  /** Called before the model is returned, with what was removed and what was not. */
  onReport?: (report: ShrinkReport) => void;
}

/**
 * Returns a smaller model without the channels, units and filters that are zero, whether
 * they are masked by a callback or plain zeros. Its outputs are the same: if a removed
 * channel still had a constant output, such as the sigmoid of zero, the constant becomes
 * part of the next bias. A channel stays if that would not be exact, or if it is the last
 * of its layer; `onReport` lists these.
 *
 * Layers without effect are removed too: linear activations, such as those that
 * `LayerPruner` leaves, and branches that add only zeros.
 *
 * The new model is a plain one with the same layer names, which you can save, load and
 * train. If `model` is compiled, the new model is too, with a fresh optimizer. `model`
 * does not change; dispose it when you no longer need it.
 *
 * @param model Any `tf.sequential` or `tf.model`, nested ones included.
 * @param args `onReport`: a function that is called with what was removed.
 * @returns The new model. The caller owns it.
 * @throws PruningError for a value that is not a LayersModel.
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
      'shrink: nothing was removed, because no whole channel or unit is zero. Single zeros stay. ' +
        'To prune whole channels, use ChannelPruner, NeuronPruner or pruneChannelsNow.',
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
