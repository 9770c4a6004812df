import {LayersModel, Sequential} from '@tensorflow/tfjs-layers';

import type {ZeroAddends} from '../layers/idle_layers';
import {isIdentity} from '../model/layer_settings';
import type {LayerConfig} from '../model/layer_tree';
import type {GraphNode} from '../model/layer_tree';
import {partsOf} from '../model/layer_walk';

type Layer = LayersModel['layers'][number];

/** A tensor in a configuration: layer, number of its use, number of its output, call arguments. */
type Ref = [name: string, use: number, output: number, kwargs?: unknown];

/** A layer in the configuration of a model; only functional models have `inboundNodes`. */
interface Entry {
  name: string;
  className: string;
  config: LayerConfig;
  inboundNodes: Ref[][];
}

/**
 * Takes layers that do nothing out of the configuration of `model`: identities,
 * what only leads to an input of an addition that is zero, and the addition
 * itself where one input is left. What makes an output keeps its name.
 */
export function dropLayers(model: LayersModel, config: LayerConfig, zeros: ZeroAddends): void {
  dropFrom(model, config, zeros, true);
}

/** Returns whether `layer` itself passes on what it gets. */
function dropWithin(layer: Layer, config: LayerConfig, zeros: ZeroAddends): boolean {
  if (layer instanceof LayersModel) {
    return dropFrom(layer, config, zeros, false);
  }
  if ('layer' in config) {
    dropWithin(partsOf(layer)[0], (config.layer as Entry).config, zeros);
  }
  return isIdentity(layer);
}

function dropFrom(
  model: LayersModel,
  config: LayerConfig,
  zeros: ZeroAddends,
  isOuter: boolean,
): boolean {
  const entries = config.layers as Entry[];
  const idle = model.layers.map((layer, i) => dropWithin(layer, entries[i].config, zeros));
  if (model instanceof Sequential) {
    return dropFromStack(model, config, idle, isOuter);
  }
  // An input that nothing else reads must stay connected, and with it what reads it.
  const copy = JSON.parse(JSON.stringify(config)) as LayerConfig;
  const graph = new ConfigGraph(model, copy, idle, zeros);
  const isWhole = graph.bypass(isOuter);
  if (graph.clean()) {
    Object.assign(config, copy);
    return isWhole;
  }
  const other = new ConfigGraph(model, config, idle, new Map());
  const isIdle = other.bypass(isOuter);
  other.clean();
  return isIdle;
}

function dropFromStack(
  model: Sequential,
  config: LayerConfig,
  idle: readonly boolean[],
  isOuter: boolean,
): boolean {
  const entries = config.layers as Entry[];
  const last = entries.length - 1;
  const isWhole = idle.every((each, i) => each || entries[i].className === 'InputLayer');
  const kept = entries.filter((_, i) => !idle[i] || (i === last && (isOuter || isWhole)));
  if (kept[0] !== entries[0]) {
    // The first layer says what goes in, and names it.
    const {shape, dtype, sourceLayer} = model.inputs[0];
    const {name} = sourceLayer;
    const input = {name, batchInputShape: shape, dtype, sparse: false};
    kept.unshift({className: 'InputLayer', config: input} as unknown as Entry);
  }
  config.layers = kept;
  return isWhole;
}

/** The graph in the configuration of a functional model. */
class ConfigGraph {
  private readonly entries: Entry[];
  /** For each layer, its uses as the configuration numbers them. */
  private readonly uses: GraphNode[][];
  /** What stands for the outputs of uses that do nothing. */
  private readonly through = new Map<string, Ref>();

  constructor(
    private readonly model: LayersModel,
    private readonly config: LayerConfig,
    idle: readonly boolean[],
    zeros: ZeroAddends,
  ) {
    this.entries = config.layers as Entry[];
    this.uses = model.layers.map((layer) =>
      layer.inboundNodes.filter(
        ({inboundLayers}, i) =>
          inboundLayers.length > 0 && model.containerNodes.has(`${layer.name}_ib-${i}`),
      ),
    );
    this.entries.forEach(({name, inboundNodes}, i) =>
      inboundNodes.forEach((refs, j) => {
        const dead = zeros.get(this.uses[i][j]);
        const alive = refs.filter((_, input) => !dead?.has(input));
        if (idle[i] || (alive.length === 1 && dead)) {
          this.through.set(key(name, this.first(i) + j), alive[0]);
        } else {
          inboundNodes[j] = alive;
        }
      }),
    );
  }

  /** Connects what reads idle uses with what these read. Returns whether the model is idle. */
  bypass(isOuter: boolean): boolean {
    const inputs = (this.config.inputLayers as Ref[]).map(([name]) => name);
    const outputs = this.config.outputLayers as Ref[];
    const sources = outputs.map((ref) => this.source(ref));
    const isIdle = inputs.length === 1 && sources.length === 1 && sources[0][0] === inputs[0];
    sources.forEach(([name, use, output], i) => {
      const isTaken = [...outputs, ...sources].some(
        (ref, j) =>
          j % outputs.length !== i && ref[0] === name && ref[1] === use && ref[2] === output,
      );
      if (isOuter || inputs.includes(name) || isTaken) {
        this.keep(outputs[i]);
      }
    });
    this.keepDoubles();
    this.config.outputLayers = outputs.map((ref) => this.source(ref));
    for (const entry of this.entries) {
      entry.inboundNodes = entry.inboundNodes.map((refs) => refs.map((ref) => this.source(ref)));
    }
    return isIdle;
  }

  /** Leaves out uses that no output needs. Returns whether all inputs are needed. */
  clean(): boolean {
    const found = new Map(
      this.entries.map((entry, i) => [entry.name, {entry, first: this.first(i)}]),
    );
    const needed = new Set<string>();
    const stack = [...(this.config.outputLayers as Ref[])];
    for (let ref = stack.pop(); ref; ref = stack.pop()) {
      const [name, use] = ref;
      if (!needed.has(key(name, use))) {
        needed.add(key(name, use));
        const {entry, first} = found.get(name)!;
        stack.push(...(entry.inboundNodes[use - first] ?? []));
      }
    }
    const numbers = new Map<string, number>();
    this.entries.forEach((entry, i) => {
      const first = this.first(i);
      let next = first;
      entry.inboundNodes = entry.inboundNodes.filter((_, j) => {
        const id = key(entry.name, first + j);
        return needed.has(id) && numbers.set(id, next++);
      });
    });
    const renumber = (ref: Ref) => {
      ref[1] = numbers.get(key(ref[0], ref[1])) ?? ref[1];
    };
    this.config.layers = this.entries.filter(
      ({name, inboundNodes}) => inboundNodes.length > 0 || needed.has(key(name, 0)),
    );
    this.entries.forEach(({inboundNodes}) => inboundNodes.flat().forEach(renumber));
    (this.config.outputLayers as Ref[]).forEach(renumber);
    return (this.config.inputLayers as Ref[]).every(([name]) => needed.has(key(name, 0)));
  }

  /**
   * No layer may come to read a tensor twice: tfjs 4.22 counts that as one reader
   * and then frees the tensor before others have read it.
   */
  private keepDoubles(): void {
    for (const refs of this.entries.flatMap(({inboundNodes}) => inboundNodes)) {
      const seen = new Set<string>();
      for (const ref of refs) {
        if (seen.has(String(this.source(ref).slice(0, 3)))) {
          this.keep(ref);
        }
        seen.add(String(this.source(ref).slice(0, 3)));
      }
    }
  }

  /** Keeps a use that does nothing, as an identity. */
  private keep([name, use]: Ref): void {
    const read = this.through.get(key(name, use));
    if (read === undefined) {
      return;
    }
    this.through.delete(key(name, use));
    const entry = this.entries.find((each) => each.name === name)!;
    if (entry.className === 'Add' && entry.inboundNodes.length === 1) {
      const {trainable, dtype} = entry.config;
      entry.className = 'Activation';
      entry.config = {name, trainable, dtype, activation: 'linear'};
      entry.inboundNodes = [[read]];
    }
  }

  /** Where a tensor comes from, past uses that do nothing. */
  private source(ref: Ref): Ref {
    let [name, use, output] = ref;
    for (let read = this.through.get(key(name, use)); read;) {
      [name, use, output] = read;
      read = this.through.get(key(name, use));
    }
    return [name, use, output, ...ref.slice(3)] as unknown as Ref;
  }

  /** The number of a layer's first use: a model's number 0 is the one by itself. */
  private first(i: number): number {
    return this.model.layers[i] instanceof LayersModel ? 1 : 0;
  }
}

function key(name: string, use: number): string {
  return `${use}:${name}`;
}
