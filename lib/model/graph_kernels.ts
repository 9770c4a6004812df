import type {io} from '@tensorflow/tfjs-core';

import {GraphNodes} from './stored_graph';

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

/** A weight of a graph that is worth pruning. */
export interface GraphKernel {
  /** The name of its node. */
  name: string;
  /** Whether it is [...window, outputs, inputs]. */
  isTransposed: boolean;
}

/**
 * The weights of a GraphModel that are kernels: those that a product, a
 * convolution or a lookup takes. Depthwise kernels are not among them, as they
 * are not in LayersModels.
 *
 * @param path Of the model; named in errors.
 */
export function kernelsOf(path: string, artifacts: io.ModelArtifacts): GraphKernel[] {
  const nodes = new GraphNodes(path, artifacts);
  const specs = new Map((artifacts.weightSpecs ?? []).map((spec) => [spec.name, spec]));
  const found = new Map<string, GraphKernel>();
  for (const {op, input, attr = {}} of nodes.all) {
    const place = Object.hasOwn(WEIGHT_INPUT, op) ? WEIGHT_INPUT[op] : undefined;
    const taken = place === undefined ? undefined : input[place];
    const spec = taken === undefined ? undefined : specs.get(nodes.source(taken));
    if (spec && spec.dtype === 'float32' && spec.shape.length >= 2) {
      const isTransposed = op === 'Conv2DBackpropInput' || attr.transpose_b?.b === true;
      found.set(spec.name, {name: spec.name, isTransposed});
    }
  }
  return [...found.values()];
}
