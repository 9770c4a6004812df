import {type io, keep, type Tensor} from '@tensorflow/tfjs-core';

import {check} from '../base/check';

/** An input of a graph. */
export interface GraphInput {
  /** The name of its node. */
  name: string;
  /** Its shape, with −1 where any size is accepted. */
  shape?: number[];
  /** The type of its numbers. */
  dtype?: string;
}

/** The parts of a `tf.GraphModel` that this library uses; tfjs-converter itself is not needed. */
export interface GraphModelLike {
  /** The inputs, in the order in which `execute` takes them. */
  readonly inputs: readonly GraphInput[];
  /** The constants of the graph, by the names of their nodes. */
  readonly weights: Record<string, Tensor[]>;
  /** Computes the outputs of the model for `inputs`, or those of the named nodes. */
  execute(inputs: Tensor | Tensor[] | Record<string, Tensor>, outputs?: string | string[]): unknown;
  /** The same for a graph with control flow. */
  executeAsync(
    inputs: Tensor | Tensor[] | Record<string, Tensor>,
    outputs?: string | string[],
  ): Promise<unknown>;
}

/** A node of a graph, as tfjs-converter has read it. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  /** Names of what it takes: nodes, with `:1` for a second output. */
  readonly inputNames: readonly string[];
  readonly inputs: readonly GraphNode[];
  /** The nodes that take what it gives. */
  readonly children: readonly GraphNode[];
  readonly attrParams: Readonly<Record<string, {value?: unknown} | undefined>>;
}

interface Internals {
  artifacts: io.ModelArtifacts;
  executor: {
    graph: {nodes: Record<string, GraphNode>; outputs: GraphNode[]};
    weightMap: Record<string, Tensor[]>;
  };
}

/** Throws unless `value` is a GraphModel that is loaded. */
export function checkGraphModel(value: unknown): asserts value is GraphModelLike {
  const {artifacts, executor} = (value ?? {}) as Partial<Internals>;
  const isGraph = typeof Reflect.get(Object(value) as object, 'execute') === 'function';
  const isLoaded = artifacts?.modelTopology !== undefined && executor?.graph !== undefined;
  const isOfLayers = 'layers' in (Object(value) as object);
  const expected = isOfLayers
    ? 'a tf.GraphModel: pruneNow takes a tf.LayersModel'
    : 'a tf.GraphModel that is loaded';
  check(isGraph && isLoaded, 'model', expected, value);
}

/** What the model was loaded from, and is saved as. */
export function graphArtifacts(model: GraphModelLike): io.ModelArtifacts {
  return internals(model).artifacts;
}

/** The nodes that the outputs of the model come from, each after those that it takes. */
export function graphNodes(model: GraphModelLike): GraphNode[] {
  const order = new Set<GraphNode>();
  const seen = new Set<GraphNode>();
  // Without recursion, since graphs are deep: a node comes up again after its inputs.
  const stack = [...internals(model).executor.graph.outputs].reverse();
  while (stack.length > 0) {
    const node = stack[stack.length - 1];
    if (seen.has(node)) {
      stack.pop();
      order.add(node);
      continue;
    }
    seen.add(node);
    node.inputs.filter((input) => !seen.has(input)).forEach((input) => stack.push(input));
  }
  return [...order];
}

/** Replaces constants of the graph; the model owns the new ones from now on. */
export function setGraphWeights(model: GraphModelLike, values: ReadonlyMap<string, Tensor>): void {
  const {executor} = internals(model);
  const former = [...values.keys()].flatMap((name) => executor.weightMap[name]);
  values.forEach((value, name) => (executor.weightMap[name] = [keep(value)]));
  // Its setter notes which tensors the executor must not dispose.
  executor.weightMap = {...executor.weightMap};
  former.forEach((tensor) => tensor.dispose());
}

/** Runs `run` while constants of the graph are others. Nothing is disposed. */
export async function withGraphWeights<T>(
  model: GraphModelLike,
  values: ReadonlyMap<string, Tensor>,
  run: () => Promise<T>,
): Promise<T> {
  const {executor} = internals(model);
  const former = executor.weightMap;
  const swapped = {...former};
  values.forEach((value, name) => (swapped[name] = [value]));
  executor.weightMap = swapped;
  try {
    return await run();
  } finally {
    executor.weightMap = former;
  }
}

function internals(model: GraphModelLike): Internals {
  return model as unknown as Internals;
}
