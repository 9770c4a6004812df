import type {io} from '@tensorflow/tfjs-core';

import {check} from '../base/check';

/** A node of a GraphModel. */
export interface GraphNode {
  name: string;
  op: string;
  input: readonly string[];
  /** Its settings, as TensorFlow writes them. */
  attr?: Readonly<Record<string, {b?: boolean} | undefined>>;
}

/** Operations that hand their first input on. */
const PASSING: ReadonlySet<string> = new Set(['Identity', 'ReadVariableOp', 'NoOp']);

/** The nodes of a GraphModel by their names. */
export class GraphNodes {
  readonly all: readonly GraphNode[];
  private readonly byName: ReadonlyMap<string, GraphNode>;

  /**
   * @param path Of the model; named in errors.
   * @throws PruningError where a node lacks its name or operation, or its inputs are no names.
   */
  constructor(path: string, {modelTopology}: io.ModelArtifacts) {
    const {node = []} = modelTopology as {node?: unknown};
    check(Array.isArray(node), path, 'a list of nodes', node);
    this.all = node.map((each: unknown, i) => nodeOf(`${path}: node ${i}`, each));
    this.byName = new Map(this.all.map((each) => [each.name, each]));
  }

  /** The node that gives an input such as `^read:0`. */
  giving(input: string): GraphNode | undefined {
    return this.byName.get(nameOf(input));
  }

  /** Whether an operation hands its first input on as it is. */
  passes(op: string): boolean {
    return PASSING.has(op);
  }

  /**
   * The name of the node that an input comes from in the end, behind those that hand it on.
   *
   * @param also Further operations that are looked through.
   */
  source(input: string, also?: ReadonlySet<string>): string {
    const seen = new Set<string>();
    let name = nameOf(input);
    const isOpen = ({op}: GraphNode) => PASSING.has(op) || also?.has(op);
    for (let node = this.byName.get(name); node && isOpen(node) && !seen.has(name);) {
      seen.add(name);
      const [first] = node.input;
      if (first === undefined) {
        break;
      }
      name = nameOf(first);
      node = this.byName.get(name);
    }
    return name;
  }
}

function nameOf(input: string): string {
  return input.replace(/^\^/, '').replace(/:\d+$/, '');
}

function nodeOf(argument: string, node: unknown): GraphNode {
  const {name, op, input = [], attr} = (node ?? {}) as Partial<GraphNode>;
  const isNode =
    typeof name === 'string' &&
    typeof op === 'string' &&
    Array.isArray(input) &&
    input.every((each) => typeof each === 'string');
  check(isNode, argument, 'a name, an operation and the names of inputs', node);
  return {name, op, input, attr};
}
