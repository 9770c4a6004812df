import type {Tensor} from '@tensorflow/tfjs-core';

import {check} from '../../base/check';
import {listed} from '../../base/listed';
import type {GraphModelLike} from '../../model/graph_model';
import {graphNodes} from '../../model/graph_nodes';
import {meansName} from '../../model/means_name';

/** Operations with a kernel that may be sparse: their second input. */
const PRODUCTS: ReadonlySet<string> = new Set([
  ...['MatMul', 'BatchMatMul', 'BatchMatMulV2', '_FusedMatMul'],
  ...['Conv1D', 'Conv2D', '_FusedConv2D'],
]);

/** Operations that hand their first input on. */
const PASSING: ReadonlySet<string> = new Set(['Identity', 'ReadVariableOp', 'NoOp']);

/** A kernel of a graph. */
export interface GraphWeight {
  readonly name: string;
  readonly tensor: Tensor;
}

/** Whether `value` is a `tf.GraphModel`, as far as can be told without its package. */
export function isGraphModel(value: unknown): value is GraphModelLike {
  const {weights, executeAsync} = (value ?? {}) as Partial<GraphModelLike>;
  return typeof weights === 'object' && typeof executeAsync === 'function';
}

/**
 * The weights of a graph that products and convolutions take as kernels.
 *
 * @param names Of the weights, or of the operations that take them, or expressions that match one; all without it.
 * @throws PruningError where a name is unknown.
 */
export function graphWeights(
  model: GraphModelLike,
  names?: readonly (string | RegExp)[],
): GraphWeight[] {
  const found = new Map<string, {tensor: Tensor; aliases: Set<string>}>();
  for (const {name, weight} of uses(model)) {
    const tensor = model.weights[weight]?.[0];
    if (tensor?.dtype === 'float32' && tensor.rank >= 2) {
      const {aliases} = found.get(weight) ?? {aliases: new Set([weight])};
      found.set(weight, {tensor, aliases: aliases.add(name)});
    }
  }
  const entries = [...found];
  const means = (name: string | RegExp, aliases: ReadonlySet<string>) =>
    [...aliases].some((each) => meansName(name, each));
  for (const name of names ?? []) {
    const isKnown = entries.some(([, {aliases}]) => means(name, aliases));
    check(isKnown, 'layers', `names of kernels: ${listed([...found.keys()])}`, name);
  }
  return entries
    .filter(([, {aliases}]) => names?.some((name) => means(name, aliases)) ?? true)
    .map(([name, {tensor}]) => ({name, tensor}));
}

/** Each operation with a kernel, and where its kernel comes from. */
function uses(model: GraphModelLike): {name: string; weight: string}[] {
  const nodes = graphNodes(model);
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const source = (input: string): string => {
    const name = input.replace(/:\d+$/, '');
    const node = byName.get(name);
    const first = node && PASSING.has(node.op) ? node.input?.[0] : undefined;
    return first === undefined ? name : source(first);
  };
  return nodes.flatMap(({name, op, input = []}) =>
    PRODUCTS.has(op) && input.length > 1 ? [{name, weight: source(input[1])}] : [],
  );
}
