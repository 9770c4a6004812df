import type {layers, LayerVariable, Shape} from '@tensorflow/tfjs-layers';

import {check} from '../../base/check';
import type {GraphNode, LayerConfig} from '../../model/layer_tree';
import {weightName} from '../../model/weight_name';
import {ChannelIds} from './channel_ids';
import {Channels} from './channels';

type Layer = layers.Layer;

/**
 * What a weight has to do with the channels along one of its axes:
 * - `'producer'`: its slices compute them, as a kernel's output axis does;
 * - `'scale'`: multiplies them, as gamma does;
 * - `'offset'`: is added to them, as a bias, a beta or a moving mean is;
 * - `'depthwise'`: filters each of them by itself;
 * - `'follower'`: goes with them in any other way, as a moving variance does;
 * - `'consumer'`: its slices read them, as a kernel's input axis does.
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
  /** The axis of the weight along which the channels lie, from 0. */
  readonly axis: number;
  /** What the weight does with the channels. */
  readonly role: ChannelRole;
  /** Of a producer: what its channels are, if they are pruned by themselves; else `null`. */
  readonly kind?: ChannelKind | null;
  /** The channel's id at each position along `axis`. */
  readonly ids: readonly number[];
}

/** A place where channels are summed up, so that each only adds something to the outcome. */
export interface Consumer {
  /** Path of layer names. */
  readonly name: string;
  /** What comes in. */
  readonly channels: Channels;
  /** What reads them, if it is a weight: its positions along `axis` are those of `channels`. */
  readonly variable?: LayerVariable;
  /** The axis of `variable` along which it reads, from 0. */
  readonly axis?: number;
  /** Where what a constant channel adds can be added instead, exactly. */
  readonly bias?: LayerVariable | null;
}

/** A call of a layer that sums up channels of its inputs. */
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
  /** What in the configuration does, such as `'filters'`. */
  readonly key: string;
  /** The ids of the channels that are counted. */
  readonly ids: readonly number[];
  /** Writes the number of channels that are left. */
  readonly edit: (config: LayerConfig, count: number) => void;
}

/** Computes the channels of a layer's outputs. See `registerChannelRule`. */
export type ChannelRule = (call: RuleCall) => Channels | Channels[];

/** One use of a layer, as its rule sees it. */
export interface RuleCall {
  /** The layer that is called. */
  readonly layer: Layer;
  /** The channels of each input. */
  readonly inputs: readonly Channels[];
  /** The shapes of the outputs, batch first. */
  readonly shapes: readonly Shape[];
  /** Takes what the rule has to say. */
  readonly graph: ChannelGraph;
}

/**
 * What a walk over a model's layers found out: which weights and which numbers
 * in configurations have to do with which channels. Rules write to it.
 *
 * @example
 * // All channels that such a layer takes stay, and it makes as many of its own.
 * registerChannelRule('Sort', ({inputs: [x], shapes: [shape], graph}) => {
 *   graph.freeze(x.ids, `layer '${graph.name}' ranks its channels`);
 *   return x.follow(shape);
 * });
 */
export class ChannelGraph {
  /** Which channels are one and the same. */
  readonly ids = new ChannelIds();
  /** Weights with an axis of channels. */
  readonly bindings: Binding[] = [];
  /** What reads channels. */
  readonly consumers: Consumer[] = [];
  /** The calls of layers that read channels. */
  readonly readings = new Set<Reading>();
  /** Configurations that count channels. */
  readonly resizes: Resize[] = [];
  /** What each addition adds up, by its node; a nested model that is used again adds again. */
  readonly sums = new Map<GraphNode, Array<readonly Channels[]>>();
  private readonly bound = new Map<LayerVariable, Map<number, Binding>>();
  private readonly resized = new Map<Layer, Map<string, Resize>>();
  /** The calls under way, each inside the one before it. */
  private readonly calls: Reading[] = [];

  /**
   * @param apply Runs the rule of any layer: for rules of layers made of layers.
   */
  constructor(
    private readonly apply: (graph: ChannelGraph, call: Omit<RuleCall, 'graph'>) => Channels[],
  ) {}

  /** The channels of the outputs of `layer`, which is part of the layer under way. */
  run(layer: Layer, inputs: readonly Channels[], shapes: readonly Shape[]): Channels[] {
    this.calls.push({layer, inputs});
    try {
      return this.apply(this, {layer, inputs, shapes});
    } finally {
      this.calls.pop();
    }
  }

  /** Path of names of the layer under way. */
  get name(): string {
    return this.calls.map(({layer}) => layer.name).join('/');
  }

  /** Ids for `size` channels that have nothing to do with any others yet. */
  fresh(size: number): number[] {
    return this.ids.fresh(size);
  }

  /** A tensor whose channels along `axis`, by default the last, must all stay. */
  frozen(shape: Shape, reason: string, axis = shape.length - 1): Channels {
    const size = axis > 0 ? shape[axis] : null;
    if (size == null) {
      return new Channels(shape, -1, []);
    }
    const ids = this.fresh(size);
    this.freeze(ids, reason);
    return new Channels(shape, axis, ids);
  }

  /** Says why channels must all stay. */
  freeze(ids: readonly number[], reason: string): void {
    this.ids.freeze(ids, reason);
  }

  /** `channels`, which a layer takes along `axis`. Frozen where they are along another. */
  along(channels: Channels, axis: number): Channels {
    if (channels.axis === axis) {
      return channels;
    }
    const reason = `layer '${this.name}' works along another axis than that of these channels`;
    this.freeze(channels.ids, reason);
    return this.frozen(channels.shape, reason, axis);
  }

  /**
   * Says that the positions along an axis of a weight belong to channels. A
   * weight that is used again ties the channels of both uses.
   *
   * @param kind Of a producer: `'filters'` are pruned by `ChannelPruner`, `'units'` by
   *   `NeuronPruner`; `null` only with others that they are coupled to. Default:
   *   filters for a weight of more than two axes, else units.
   * @throws PruningError for a role of `'consumer'`: what reads channels has to
   *   be asked whether they can go, which `consume` does.
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

  /** Says that an axis of a weight must stay as it is. */
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
   * Says that a layer sums up its input's channels, each times a slice of `variable`.
   *
   * @param by The variable, the axis of its slices, and a bias where the sum over
   *   constant channels can be added instead, exactly and at every position. The
   *   kernel's last axis is then the bias's.
   */
  consume(
    layer: Layer,
    channels: Channels,
    by: {variable: LayerVariable; axis: number; bias?: LayerVariable | null},
  ): void {
    this.addBinding(layer, by.variable, by.axis, channels.ids, 'consumer');
    this.addConsumer({name: this.name, channels, ...by});
  }

  /** Says that a layer sums up channels that must all be zero to be left out. */
  consumeZeros(channels: Channels): void {
    this.addConsumer({name: this.name, channels});
  }

  /**
   * Says that a layer's configuration counts channels.
   *
   * @param key Tells apart the numbers of one layer; the field's name by default.
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
/** What a layer calls the channels that it makes. */
export type ChannelKind = 'filters' | 'units';
