/** An operation of a graph. */
export interface GraphNode {
  readonly name: string;
  readonly op: string;
  readonly input?: readonly string[];
}

/** The operations of a `tf.GraphModel`, as its file lists them; none where they cannot be told. */
export function graphNodes(model: object): readonly GraphNode[] {
  const artifacts: unknown = Reflect.get(model, 'artifacts');
  return (artifacts as {modelTopology?: {node?: GraphNode[]}})?.modelTopology?.node ?? [];
}
