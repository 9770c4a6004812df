import {transpose} from '@tensorflow/tfjs-core';

import type {GraphModelLike, GraphNode} from '../model/graph_model';
import {convolutionMap, depthwiseMap, type LinearMap, productMap} from './linear_map';
import {MOST_INPUTS} from './most_inputs';
import type {WindowArgs} from './windows';

/** A node of a graph as a linear map of one of its inputs. */
export interface LinearNode {
  readonly map: LinearMap;
  /** The name of what it is a map of. */
  readonly input: string;
  /** The name of its kernel among the constants. */
  readonly kernel: string;
  /** The name of its bias among the constants. */
  readonly bias: string | null;
  /** The same for nodes whose maps are the same. */
  readonly key: string;
}

type Rule = (node: GraphNode, shape: readonly number[]) => LinearMap | string;

/** Operation → its map, or why it has none. */
const RULES: Readonly<Record<string, Rule>> = {
  MatMul: product,
  _FusedMatMul: product,
  Conv2D: convolution,
  _FusedConv2D: convolution,
  Conv3D: convolution,
  DepthwiseConv2dNative: depthwise,
  FusedDepthwiseConv2dNative: depthwise,
};

const BIAS_OPS: ReadonlySet<string> = new Set(['BiasAdd', 'Add', 'AddV2']);
const PASSING: ReadonlySet<string> = new Set(['Identity', 'ReadVariableOp', 'NoOp']);

/** The linear part of a node, why there is none to solve for, or `null` if it has no kernel. */
export function linearNodeOf(model: GraphModelLike, node: GraphNode): LinearNode | string | null {
  const rule = RULES[node.op] as Rule | undefined;
  const kernel = rule && constantOf(model, node.inputs[1]);
  if (!kernel) {
    return null;
  }
  const map = rule(node, model.weights[kernel][0].shape);
  if (typeof map === 'string') {
    return map;
  }
  if (map.inputs > MOST_INPUTS) {
    return `its ${map.inputs} inputs are more than the ${MOST_INPUTS} that can be solved for`;
  }
  const bias = biasOf(model, node, map.groups * map.outputs);
  const key = JSON.stringify([node.op, node.attrParams]);
  return {map, input: node.inputNames[0], kernel, bias, key};
}

/** The name of the constant that a node hands on. */
export function constantOf(model: GraphModelLike, node: GraphNode | undefined): string | undefined {
  if (node === undefined) {
    return undefined;
  }
  return isPassing(node) ? constantOf(model, node.inputs[0]) : known(model, node);
}

/** Whether a node hands on what it takes. */
export function isPassing({op}: GraphNode): boolean {
  return PASSING.has(op);
}

function known({weights}: GraphModelLike, {op, name}: GraphNode): string | undefined {
  return op === 'Const' && weights[name] !== undefined ? name : undefined;
}

/** The constant that is added to what a node gives, by itself or by the only node that takes it. */
function biasOf(model: GraphModelLike, node: GraphNode, outputs: number): string | null {
  const fused = attribute<string[]>(node, 'fusedOps') ?? [];
  const [only] = node.children;
  const isAdded = node.children.length === 1 && BIAS_OPS.has(only.op);
  const name =
    fused[0] === 'biasadd'
      ? constantOf(model, node.inputs[2])
      : fused.length === 0 && isAdded
        ? only.inputs.map((each) => constantOf(model, each)).find((each) => each !== undefined)
        : undefined;
  if (name === undefined || model.weights[name][0].shape.join() !== `${outputs}`) {
    return null;
  }
  return name;
}

function product(node: GraphNode, shape: readonly number[]): LinearMap | string {
  if (shape.length !== 2 || attribute(node, 'transposeA') === true) {
    return 'there is no rule for its product';
  }
  if (attribute(node, 'transposeB') !== true) {
    return productMap(shape);
  }
  const map = productMap([shape[1], shape[0]]);
  return {
    ...map,
    shape,
    isTransposed: true,
    toMatrix: (kernel) => map.toMatrix(transpose(kernel)),
    toKernel: (matrix) => transpose(map.toKernel(matrix)),
  };
}

function convolution(node: GraphNode, shape: readonly number[]): LinearMap | string {
  const window = windowOf(node, shape.length - 2);
  return typeof window === 'string' ? window : convolutionMap(shape, window);
}

function depthwise(node: GraphNode, shape: readonly number[]): LinearMap | string {
  const window = windowOf(node, 2);
  return typeof window === 'string' ? window : depthwiseMap(shape, window);
}

function windowOf(node: GraphNode, rank: number): Omit<WindowArgs, 'size'> | string {
  const format = attribute<string>(node, 'dataFormat') ?? 'nhwc';
  if (/^nc/i.test(format)) {
    return 'there is no rule for channels that come first';
  }
  const spatial = (name: string) => {
    const all = attribute<number[]>(node, name) ?? [];
    return all.length === rank + 2 ? all.slice(1, -1) : Array.from({length: rank}, () => 1);
  };
  const padding = attribute<string>(node, 'pad');
  const zeros = attribute<number[]>(node, 'explicitPaddings') ?? [];
  const pairs = Array.from({length: rank}, (_, i): [number, number] => [
    zeros[2 * i + 2],
    zeros[2 * i + 3],
  ]);
  return {
    strides: spatial('strides'),
    dilations: spatial('dilations'),
    padding: padding === 'explicit' ? pairs : (padding as 'same' | 'valid'),
  };
}

function attribute<T>(node: GraphNode, name: string): T | undefined {
  return node.attrParams[name]?.value as T | undefined;
}
