import type {io} from '@tensorflow/tfjs-core';

import {GraphNodes} from '../model/stored_graph';

/** Operations that look up rows of their first input by the numbers of their second. */
const LOOKUPS: ReadonlySet<string> = new Set(['Gather', 'GatherV2', 'ResourceGather']);
/** Operations whose output has the numbers of their first input, in whatever shape. */
const KEEPING: ReadonlySet<string> = new Set([
  'Cast',
  'ExpandDims',
  'Identity',
  'Reshape',
  'Reverse',
  'ReverseV2',
  'Slice',
  'Squeeze',
  'StridedSlice',
  'Tile',
  'Transpose',
]);

/**
 * The inputs of a GraphModel whose numbers are rows of a table, by their nodes' names: the
 * number of rows, of the smallest table if there are several.
 *
 * @param path Of the model; named in errors.
 */
export function lookupSizes(path: string, artifacts: io.ModelArtifacts): Map<string, number> {
  const nodes = new GraphNodes(path, artifacts);
  const specs = new Map((artifacts.weightSpecs ?? []).map((spec) => [spec.name, spec]));
  const sizes = new Map<string, number>();
  for (const {input} of nodes.all.filter(({op}) => LOOKUPS.has(op))) {
    const rows = specs.get(nodes.source(input[0] ?? ''))?.shape[0];
    const name = origin(nodes, input[1] ?? '');
    if (rows !== undefined && name !== undefined) {
      sizes.set(name, Math.min(rows, sizes.get(name) ?? Infinity));
    }
  }
  return sizes;
}

/** The placeholder that the numbers at `input` come from. */
function origin(nodes: GraphNodes, input: string): string | undefined {
  const seen = new Set<string>();
  let node = nodes.giving(input);
  while (node && KEEPING.has(node.op) && !seen.has(node.name)) {
    seen.add(node.name);
    node = nodes.giving(node.input[0] ?? '');
  }
  return node?.op.startsWith('Placeholder') ? node.name : undefined;
}
