import type {layers, LayerVariable, Shape} from '@tensorflow/tfjs-layers';

import {check} from '../../base/check';
import type {GraphNode, LayerConfig} from '../../model/layer_tree';
import {weightName} from '../../model/weight_name';
import {ChannelIds} from './channel_ids';
import {Channels} from './channels';

type Layer = layers.Layer;

/**
 * The role of a weight for the channels along one of its axes:
 * - `'producer'`: its slices compute the channels, like the output axis of a kernel;
 * - `'scale'`: it multiplies them, like gamma;
 * - `'offset'`: it is added to them, like a bias, a beta or a moving mean;
 * - `'depthwise'`: it filters each of them by itself;
 * - `'follower'`: it belongs to them in another way, like a moving variance;
 * - `'consumer'`: its slices read them, like the input axis of a kernel.
 */
export type ChannelRole = 'producer' | 'scale' | 'offset' | 'depthwise' | 'follower' | 'consumer';

/** An axis of a weight that has one position, or several, for each channel. */
export interface Binding {
  /** Path of layer names and the weight's own, such as `'block/conv2d_1/kernel'`. */
  readonly name: string;
  /** The layer that has the weight. */
  readonly layer: Layer;
  /** The weight. */
  readonly variable: LayerVariable;
  /** The axis of the weight that the channels are on, counted from 0. */
  readonly axis: number;
  /** The role of the weight for the channels. */
  readonly role: ChannelRole;
  /** For a producer: which pruner prunes its channels by themselves, or `null` for none. */
  readonly kind?: ChannelKind | null;
  /** The channel's id at each position along `axis`. */
  readonly ids: readonly number[];
}

/** A place where a layer sums up channels, so each channel only adds to the result. */
export interface Consumer {
  /** Path of layer names. */
  readonly name: string;
  /** The channels that it reads. */
  readonly channels: Channels;
  /** The weight that reads them, if any: its positions along `axis` are those of `channels`. */
  readonly variable?: LayerVariable;
  /** The axis of `variable` that the channels are on, counted from 0. */
  readonly axis?: number;
  /** A bias to which the sum over constant channels can be added exactly, if any. */
  readonly bias?: LayerVariable | null;
}

/** A call of a layer that sums up the channels of its inputs. */
export interface Reading {
  readonly layer: Layer;
  /** The channels of the tensors that the layer is called with. */
  readonly inputs: readonly Channels[];
}

/** A number in a layer's configuration that counts channels. */
export interface Resize {
  /** Path of layer names. */
  readonly name: string;
  /** The layer whose configuration counts the channels. */
  readonly layer: Layer;
  /** The name of the number in the configuration, such as `'filters'`. */
  readonly key: string;
  /** The ids of the counted channels. */
  readonly ids: readonly number[];
  /** Writes the number of remaining channels. */
  readonly edit: (config: LayerConfig, count: number) => void;
}

/** Computes the channels of a layer's outputs; see `registerChannelRule`. */
export type ChannelRule = (call: RuleCall) => Channels | Channels[];

/** One use of a layer, as its rule sees it. */
export interface RuleCall {
  /** The called layer. */
  readonly layer: Layer;
  /** The channels of each input. */
  readonly inputs: readonly Channels[];
  /** The shapes of the outputs, with the batch first. */
  readonly shapes: readonly Shape[];
  /** The graph that the rule writes to. */
  readonly graph: ChannelGraph;
}

/**
 * The channels of a model: which weights have them, which layers read them, and which
 * numbers in configurations count them. Rules write to it.
 *
 * @example
 * // All channels that such a layer takes stay, and it makes as many of its own.
 * registerChannelRule('Sort', ({inputs: [x], shapes: [shape], graph}) => {
 *   graph.freeze(x.ids, `layer '${graph.name}' ranks its channels`);
 *   return x.follow(shape);
 * });
 */
export class ChannelGraph {
  /** Says which channels are the same. */
  readonly ids = new ChannelIds();
  /** All weights with an axis of channels. */
  readonly bindings: Binding[] = [];
  /** All places that read channels. */
  readonly consumers: Consumer[] = [];
  /** The calls of layers that read channels. */
  readonly readings = new Set<Reading>();
  /** All configurations that count channels. */
  readonly resizes: Resize[] = [];
  /** What each addition adds up, by its node; a nested model that is used again adds again. */
  readonly sums = new Map<GraphNode, Array<readonly Channels[]>>();
  private readonly bound = new Map<LayerVariable, Map<number, Binding>>();
  private readonly resized = new Map<Layer, Map<string, Resize>>();
  /** The calls under way, each inside the one before it. */
  private readonly calls: Reading[] = [];

  /**
   * @param apply Runs the rule of any layer, for rules of layers that contain layers.
   */
  constructor(
    private readonly apply: (graph: ChannelGraph, call: Omit<RuleCall, 'graph'>) => Channels[],
  ) {}

  /** Returns the channels of the outputs of `layer`, which is part of the current layer. */
  run(layer: Layer, inputs: readonly Channels[], shapes: readonly Shape[]): Channels[] {
    this.calls.push({layer, inputs});
    try {
      return this.apply(this, {layer, inputs, shapes});
    } finally {
      this.calls.pop();
    }
  }

  /** Path of names of the current layer. */
  get name(): string {
    return this.calls.map(({layer}) => layer.name).join('/');
  }

  /** Makes ids for `size` channels that are not coupled to any others yet. */
  fresh(size: number): number[] {
    return this.ids.fresh(size);
  }

  /** Returns a tensor whose channels along `axis` (by default the last) must all stay. */
  frozen(shape: Shape, reason: string, axis = shape.length - 1): Channels {
    const size = axis > 0 ? shape[axis] : null;
    if (size == null) {
      return new Channels(shape, -1, []);
    }
    const ids = this.fresh(size);
    this.freeze(ids, reason);
    return new Channels(shape, axis, ids);
  }

  /** Makes channels stay, for this reason. */
  freeze(ids: readonly number[], reason: string): void {
    this.ids.freeze(ids, reason);
  }

  /**
   * Returns `channels`, which a layer reads along `axis`. All must stay if they are on
   * another axis.
   */
  along(channels: Channels, axis: number): Channels {
    if (channels.axis === axis) {
      return channels;
    }
    const reason = `layer '${this.name}' works along another axis than that of these channels`;
    this.freeze(channels.ids, reason);
    return this.frozen(channels.shape, reason, axis);
  }

  /**
   * Binds the positions along an axis of a weight to channels. If the model uses a weight
   * again, the channels of both uses are coupled.
   *
   * @param kind For a producer: `ChannelPruner` prunes `'filters'`, and `NeuronPruner`
   *   prunes `'units'`. With `null` the channels are pruned only with others that are
   *   coupled to them. Default: `'filters'` for a weight of more than two axes, otherwise
   *   `'units'`.
   * @throws PruningError for the role `'consumer'`. Use `consume` for a weight that reads
   *   channels.
   */
  bind(
    layer: Layer,
    variable: LayerVariable | null | undefined,
    axis: number,
    ids: readonly number[],
    role: Exclude<ChannelRole, 'consumer'>,
    kind?: ChannelKind | null,
  ): void {
    const isReader = (role as ChannelRole) === 'consumer';
    check(!isReader, 'role', 'consume(…) for a weight that reads channels', role);
    if (variable != null) {
      const usual = variable.shape.length > 2 ? 'filters' : 'units';
      const own = role === 'producer' && kind === undefined ? usual : kind;
      this.addBinding(layer, variable, axis, ids, role, own);
    }
  }

  private addBinding(
    layer: Layer,
    variable: LayerVariable,
    axis: number,
    ids: readonly number[],
    role: ChannelRole,
    kind?: ChannelKind | null,
  ): void {
    const axes = this.bound.get(variable) ?? new Map<number, Binding>();
    this.bound.set(variable, axes);
    const former = axes.get(axis);
    if (former) {
      this.ids.tieAll(former.ids, ids);
      return;
    }
    const name = `${this.name}/${weightName(layer, variable)}`;
    const binding = {name, layer, variable, axis, role, ids, ...(kind === undefined ? {} : {kind})};
    axes.set(axis, binding);
    this.bindings.push(binding);
  }

  /** Makes an axis of a weight stay unchanged. */
  pin(
    layer: Layer,
    variable: LayerVariable | null | undefined,
    axis: number,
    reason: string,
  ): void {
    if (variable != null) {
      const ids = this.fresh(variable.shape[axis] as number);
      this.freeze(ids, reason);
      this.bind(layer, variable, axis, ids, 'follower');
    }
  }

  /**
   * Declares that a layer sums up its input channels, each multiplied by a slice of
   * `variable`.
   *
   * @param by The variable, the axis of its slices, and optionally a bias: the sum over
   *   constant channels can then be added to it, exactly and at every position. The last
   *   axis of the kernel is then that of the bias.
   */
  consume(
    layer: Layer,
    channels: Channels,
    by: {variable: LayerVariable; axis: number; bias?: LayerVariable | null},
  ): void {
    this.addBinding(layer, by.variable, by.axis, channels.ids, 'consumer');
    this.addConsumer({name: this.name, channels, ...by});
  }

  /** Declares that a layer sums up channels, which can be removed only if all are zero. */
  consumeZeros(channels: Channels): void {
    this.addConsumer({name: this.name, channels});
  }

  /**
   * Declares that a layer's configuration counts channels.
   *
   * @param key Distinguishes several numbers of one layer; by default the name of the
   *   field.
   */
  resize(
    layer: Layer,
    key: string,
    ids: readonly number[],
    edit: Resize['edit'] = (config, count) => {
      config[key] = count;
    },
  ): void {
    const keys = this.resized.get(layer) ?? new Map<string, Resize>();
    this.resized.set(layer, keys);
    const former = keys.get(key);
    if (former) {
      this.ids.tieAll(former.ids, ids);
      return;
    }
    const resize = {name: this.name, layer, key, ids, edit};
    keys.set(key, resize);
    this.resizes.push(resize);
  }

  private addConsumer(consumer: Consumer): void {
    this.consumers.push(consumer);
    this.readings.add(this.calls[this.calls.length - 1]);
  }
}
/** The name for the channels that a layer produces. */
export type ChannelKind = 'filters' | 'units';
