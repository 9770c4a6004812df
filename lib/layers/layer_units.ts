import {type layers, LayersModel, type LayerVariable, type Shape} from '@tensorflow/tfjs-layers';

import type {ChannelGraph} from '../channels/graph/channel_graph';
import {traceChannels} from '../channels/groups/trace';
import {isStateful} from '../model/layer_settings';
import {type GraphNode, namedLayers, nodesOf, weightsOf} from '../model/layer_tree';
import {isNormalization} from '../model/normalization';
import {trainsIn} from '../model/trained_model';
import {zeroWeights} from '../projection/zero_weights';
import {branchesOf, readersOf, zeroingWeights, type Branch} from './branches';
import {areZero, hasMasks, keepsShape, zeroAddends, type ZeroAddends} from './idle_layers';

type Layer = layers.Layer;

/** Layers that are removed together: one and its normalization, or a branch. */
export interface LayerUnit {
  /** Path of the layer, or of the addition that the branch leads to. */
  readonly name: string;
  /** The layers with weights, and their paths. */
  readonly layers: readonly Layer[];
  readonly paths: readonly string[];
  /** For a branch, the weights that make it add nothing if they are zero. */
  readonly zeroed?: readonly LayerVariable[];
  /** For a branch, where it is added. */
  readonly branch?: Branch;
  /** Why the unit must stay, or `undefined` where it can go. */
  readonly frozen: string | undefined;
  /** False where one of its layers is frozen: it goes only where it is asked for. */
  readonly trains?: boolean;
}

/**
 * What can be removed of `model` as a whole, and what can't and why: branches of
 * additions, and layers whose output has the shape of their input. Without what
 * was removed before. One small read.
 */
export async function layerUnits(model: LayersModel): Promise<LayerUnit[]> {
  const graph = traceChannels(model);
  const finder = new UnitFinder(model, await zeroAddends(model, graph), graph);
  const isTrained = trainsIn(model);
  const trains = ({layers}: LayerUnit) => layers.every((layer) => weightsOf(layer).some(isTrained));
  const units = finder.find().map((unit) => ({...unit, trains: trains(unit)}));
  const branches = units.filter(({zeroed, frozen}) => zeroed && !frozen) as BranchUnit[];
  const undo = zeroWeights(branches.flatMap(({zeroed}) => zeroed));
  const inputs = branches.map(({branch}) =>
    graph.sums.get(branch.sum)!.map((uses) => uses[branch.input]),
  );
  const reading = areZero(inputs.flat());
  undo();
  const zero = await reading;
  let at = 0;
  const adds = branches.filter((_, i) => !zero.slice(at, (at += inputs[i].length)).every(Boolean));
  return units.map((unit) =>
    adds.includes(unit as BranchUnit)
      ? {...unit, frozen: 'a layer behind its weights makes something of zeros'}
      : unit,
  );
}

interface BranchUnit extends LayerUnit {
  readonly branch: Branch;
  readonly zeroed: readonly LayerVariable[];
}

class UnitFinder {
  private readonly paths: Map<Layer, string>;
  private readonly containers: Map<LayersModel, GraphNode[]>;
  private readonly uses = new Map<Layer, number>();
  /** Uses of layers that lead to nothing any more. */
  private readonly idle = new Set<GraphNode>();
  private readonly masks: boolean;

  constructor(
    private readonly model: LayersModel,
    private readonly zeros: ZeroAddends,
    private readonly graph: ChannelGraph,
  ) {
    const named = namedLayers(model);
    this.paths = new Map(named.map(({path, layer}) => [layer, path]));
    const models = named.flatMap(({layer}) => (layer instanceof LayersModel ? [layer] : []));
    this.containers = new Map([model, ...models].map((each) => [each, nodesOf(each)]));
    this.count(model);
    this.masks = hasMasks(model);
  }

  find(): LayerUnit[] {
    const branches: BranchUnit[] = [];
    for (const container of this.containers.keys()) {
      const all = branchesOf(container);
      all
        .filter((branch) => this.isDead(branch))
        .forEach(({nodes}) => nodes.forEach((node) => this.markIdle(node)));
      branches.push(...all.flatMap((branch) => this.branchUnit(branch, container) ?? []));
    }
    const whole = branches.filter(({frozen}) => frozen === undefined);
    const singles = [...this.containers].flatMap(([container, nodes]) =>
      nodes.flatMap((node) => this.singleUnit(node, container) ?? []),
    );
    const isWhole = ({layers}: LayerUnit) =>
      whole.some((branch) => branch.layers.every((layer) => layers.includes(layer)));
    return [...singles.filter((unit) => !isWhole(unit)), ...branches];
  }

  private count(model: LayersModel): void {
    for (const {outboundLayer} of this.containers.get(model)!) {
      this.uses.set(outboundLayer, (this.uses.get(outboundLayer) ?? 0) + 1);
      if (outboundLayer instanceof LayersModel) {
        this.count(outboundLayer);
      }
    }
  }

  private isDead({sum, input}: Branch): boolean {
    return this.zeros.get(sum)?.has(input) ?? false;
  }

  private markIdle(node: GraphNode): void {
    this.idle.add(node);
    const layer = node.outboundLayer;
    if (layer instanceof LayersModel && this.uses.get(layer) === 1) {
      this.containers.get(layer)!.forEach((inner) => this.markIdle(inner));
    }
  }

  private branchUnit(branch: Branch, container: LayersModel): BranchUnit | undefined {
    const {sum, nodes} = branch;
    const inside = [...nodes].filter((node) =>
      this.usesOf(node.outboundLayer, container).every((use) => nodes.has(use)),
    );
    const gone = new Set(inside.map(({outboundLayer}) => outboundLayer));
    const layers = [...gone]
      .reverse()
      .flatMap((layer) =>
        layer instanceof LayersModel ? namedLayers(layer).map((each) => each.layer) : [layer],
      )
      .filter((layer) => !(layer instanceof LayersModel) && layer.weights.length > 0);
    if (layers.length === 0 || this.isDead(branch) || this.idle.has(sum)) {
      return undefined;
    }
    const name = this.paths.get(sum.outboundLayer)!;
    const paths = layers.map((layer) => this.paths.get(layer)!);
    const found = zeroingWeights(branch, this.graph.bindings);
    const [zeroed, obstacle] = typeof found === 'string' ? [[], found] : [found, undefined];
    return {name, layers, paths, branch, zeroed, frozen: this.whyNotBranch(branch) ?? obstacle};
  }

  private whyNotBranch({sum, input, nodes}: Branch): string | undefined {
    if (this.masks) {
      return 'the model masks steps';
    }
    if (!keepsShape(sum, new Set([...(this.zeros.get(sum) ?? []), input]))) {
      return 'nothing else of that shape is added';
    }
    const entry = [...nodes].find(({inboundLayers}) => inboundLayers.length === 0);
    return entry && `it alone reads input '${entry.outboundLayer.name}'`;
  }

  private singleUnit(node: GraphNode, container: LayersModel): LayerUnit | undefined {
    const layer = node.outboundLayer;
    const isUnit = !(layer instanceof LayersModel) && layer.weights.length > 0;
    if (
      !isUnit ||
      isNormalization(layer) ||
      layer.getClassName() === 'PReLU' ||
      this.idle.has(node) ||
      node !== this.usesOf(layer, container)[0]
    ) {
      return undefined;
    }
    const frozen = this.whyNot(node, container);
    const layers = frozen ? [layer] : [layer, ...this.normalizationsOf(node, container)];
    return {
      name: this.paths.get(layer)!,
      layers,
      paths: layers.map((each) => this.paths.get(each)!),
      frozen,
    };
  }

  private whyNot(
    {outboundLayer: layer, inputTensors, outputTensors}: GraphNode,
    container: LayersModel,
  ): string | undefined {
    const uses = Math.max(this.uses.get(layer)!, layer.inboundNodes.length);
    if (uses > 1) {
      return `it is used ${uses} times`;
    }
    if (inputTensors.length > 1 || outputTensors.length > 1) {
      return 'it has several inputs or outputs';
    }
    const [[from], [to]] = [inputTensors, outputTensors];
    if (show(from.shape) !== show(to.shape)) {
      return `it makes shape ${show(to.shape)} of ${show(from.shape)}`;
    }
    if (from.dtype !== to.dtype) {
      return `it makes ${to.dtype} of ${from.dtype}`;
    }
    if (container === this.model && container.outputs.some(({id}) => id === outputTensors[0].id)) {
      return 'an output of the model';
    }
    return isStateful(layer) ? 'it keeps a state between batches' : undefined;
  }

  /** The normalizations right behind a layer, which are of no use without it. */
  private normalizationsOf(node: GraphNode, container: LayersModel): Layer[] {
    const isOutput = container.outputs.some(({id}) => id === node.outputTensors[0].id);
    const readers = readersOf(this.containers.get(container)!).get(node.outputTensors[0].id) ?? [];
    if (isOutput || readers.length !== 1) {
      return [];
    }
    const next = readers[0].node;
    const layer = next.outboundLayer;
    const goes = isNormalization(layer) && this.whyNot(next, container) === undefined;
    return goes ? [layer, ...this.normalizationsOf(next, container)] : [];
  }

  /** Uses of `layer` in one model, other models' left out. */
  private usesOf(layer: Layer, container: LayersModel): GraphNode[] {
    return this.containers.get(container)!.filter(({outboundLayer}) => outboundLayer === layer);
  }
}

function show(shape: Shape): string {
  return `[${shape
    .slice(1)
    .map((size) => size ?? '?')
    .join(', ')}]`;
}
