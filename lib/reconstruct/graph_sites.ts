import {type GraphModelLike, type GraphNode, graphNodes} from '../model/graph_model';
import {constantOf, isPassing, type LinearNode, linearNodeOf} from './graph_maps';
import {GraphSite, type GraphWeights} from './graph_site';
import type {LeftLayer} from './layer_sites';

/** The kernels of a graph that can be solved for, and those that are left. */
export interface GraphSites {
  /** In the order in which the graph needs them. */
  readonly sites: GraphSite[];
  readonly left: LeftLayer[];
}

/** Operations whose outputs have no values of their own: they are called in loops and branches. */
const LOOPS: ReadonlySet<string> = new Set(['Enter', 'Exit', 'NextIteration', 'Merge', 'Switch']);

/**
 * The kernels of a graph that can be solved for, from the first of `pruned` on.
 *
 * @param pruned Names of the kernels that are pruned.
 * @param dense The constants that pruning changes, as they were before.
 */
export function graphSites(
  model: GraphModelLike,
  pruned: readonly string[],
  dense: GraphWeights,
): GraphSites {
  const byKernel = new Map<string, LinearNode[]>();
  const reasons = new Map<string, string>();
  const nodes = graphNodes(model);
  const looped = loopedNodes(nodes);
  for (const node of nodes) {
    const part = linearNodeOf(model, node);
    const kernels = node.inputs.map((each) => constantOf(model, each));
    if (part === null && isPassing(node)) {
      continue;
    }
    if (part === null) {
      kernels
        .filter((name) => name !== undefined && pruned.includes(name))
        .forEach((name) => reasons.set(name!, `there is no rule for ${node.op}`));
    } else if (typeof part === 'string') {
      reasons.set(kernels[1]!, part);
    } else if (looped.has(node)) {
      reasons.set(part.kernel, 'it depends on control flow');
    } else {
      byKernel.set(part.kernel, [...(byKernel.get(part.kernel) ?? []), part]);
    }
  }
  for (const [name, uses] of byKernel) {
    if (!uses.every((use) => isAlike(use, uses[0]))) {
      reasons.set(name, 'operations of several kinds take it');
    }
  }
  const biases = sharedBiases([...byKernel.values()]);
  const order = [...byKernel.keys()];
  const first = order.findIndex((name) => pruned.includes(name));
  const sites = order
    .slice(Math.max(first, 0))
    .filter((name) => !reasons.has(name))
    .map((name) => {
      const uses = byKernel.get(name)!;
      const isShared = uses[0].bias !== null && biases.has(uses[0].bias);
      return new GraphSite(model, isShared ? uses.map(withoutBias) : uses, dense);
    });
  const left = pruned.flatMap((name) => {
    const reason = reasons.get(name) ?? (byKernel.has(name) ? undefined : 'no output needs it');
    return reason === undefined ? [] : [{name, reason}];
  });
  return {sites, left};
}

/** The nodes that come after a loop or a branch of the kind whose nodes are in the graph itself. */
function loopedNodes(nodes: readonly GraphNode[]): Set<GraphNode> {
  const looped = new Set<GraphNode>();
  for (const node of nodes) {
    if (LOOPS.has(node.op) || node.inputs.some((input) => looped.has(input))) {
      looped.add(node);
    }
  }
  return looped;
}

/** Whether two uses of a kernel are one map, of inputs that may differ. */
function isAlike(one: LinearNode, other: LinearNode): boolean {
  return one.key === other.key && one.bias === other.bias;
}

/** Biases of several kernels, which no single one may change. */
function sharedBiases(all: readonly LinearNode[][]): Set<string> {
  const names = all.flatMap(([{bias}]) => (bias === null ? [] : [bias]));
  return new Set(names.filter((name, i) => names.indexOf(name) !== i));
}

function withoutBias(node: LinearNode): LinearNode {
  return {...node, bias: null};
}
