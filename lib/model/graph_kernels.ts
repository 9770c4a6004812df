import type {io} from '@tensorflow/tfjs-core';

/** Operation → the number of its input that is a weight worth pruning. */
const WEIGHT_INPUT: Readonly<Record<string, number>> = {
  MatMul: 1,
  BatchMatMul: 1,
  BatchMatMulV2: 1,
  _FusedMatMul: 1,
  Conv1D: 1,
  Conv2D: 1,
  _FusedConv2D: 1,
  Conv3D: 1,
  Conv2DBackpropInput: 1,
  ResourceGather: 0,
  GatherV2: 0,
};

/** Operations that hand their first input on. */
const PASSING: ReadonlySet<string> = new Set(['Identity', 'ReadVariableOp', 'NoOp']);

interface Node {
  name: string;
  op: string;
  input?: string[];
}

/**
 * The names of the weights of a GraphModel that are kernels: those that a
 * product, a convolution or a lookup takes. Depthwise kernels are not among
 * them, as they are not in LayersModels.
 */
export function kernelsOf({modelTopology, weightSpecs = []}: io.ModelArtifacts): string[] {
  const {node: nodes = []} = modelTopology as {node?: Node[]};
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const specs = new Map(weightSpecs.map((spec) => [spec.name, spec]));
  const source = (input: string): string => {
    const name = input.replace(/^\^/, '').replace(/:\d+$/, '');
    const node = byName.get(name);
    const [first] = node?.input ?? [];
    return node && PASSING.has(node.op) && first !== undefined ? source(first) : name;
  };
  const found = new Set<string>();
  for (const {op, input = []} of nodes) {
    const place = WEIGHT_INPUT[op];
    const spec = place !== undefined && input[place] ? specs.get(source(input[place])) : undefined;
    if (spec && spec.dtype === 'float32' && spec.shape.length >= 2) {
      found.add(spec.name);
    }
  }
  return [...found];
}
