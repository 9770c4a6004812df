import type {io} from '@tensorflow/tfjs-core';

import {GraphNodes} from './stored_graph';

/** Weights of tfjs-layers that are no kernels of products, whatever their rank. */
const SENSITIVE_NAME =
  /(^|\/)(bias|beta|gamma|moving_mean|moving_variance|depthwise_kernel)(_\d+)?$/;

/** Operations that hand on the numbers of their first input, in another shape. */
const RESHAPING: ReadonlySet<string> = new Set(['ExpandDims', 'Reshape', 'Squeeze', 'Transpose']);

/** Operations that scale, shift or filter single channels by any of their inputs. */
const BY_CHANNEL: ReadonlySet<string> = new Set([
  'Add',
  'AddV2',
  'BiasAdd',
  'DepthwiseConv2d',
  'DepthwiseConv2dNative',
  'FusedBatchNorm',
  'FusedBatchNormV2',
  'FusedBatchNormV3',
  'FusedDepthwiseConv2dNative',
  'Mul',
  'Prelu',
  'RealDiv',
  'Rsqrt',
  'Sqrt',
  'Sub',
]);
/** Operations that do so by their inputs from the third on; the second is a kernel. */
const FUSED: ReadonlySet<string> = new Set(['_FusedConv2D', '_FusedMatMul']);

/**
 * The names of the weights of a model that are few, and on which much depends:
 * biases, the scales and statistics of normalization, depthwise kernels. Rounding
 * them to few bits gains next to nothing and may cost most of the accuracy.
 *
 * A weight of a LayersModel is one of these by its name, a constant of a
 * GraphModel by the operations that use it, and in both a vector is.
 *
 * @param name What holds the model; named in errors.
 * @throws PruningError where a graph's nodes are malformed.
 */
export function sensitiveWeights(name: string, artifacts: io.ModelArtifacts): Set<string> {
  const {modelTopology, weightSpecs = []} = artifacts;
  const isGraph = typeof modelTopology === 'object' && 'node' in (modelTopology ?? {});
  const byUse = isGraph ? usedByChannel(new GraphNodes(name, artifacts)) : undefined;
  const isSensitive = ({name, shape}: io.WeightsManifestEntry) =>
    isVector(shape) || (byUse ? byUse.has(name) : SENSITIVE_NAME.test(name));
  return new Set(weightSpecs.filter(isSensitive).map(({name}) => name));
}

/** Whether all dimensions but the last are 1. */
function isVector(shape: readonly number[]): boolean {
  return shape.slice(0, -1).every((size) => size === 1);
}

/** The constants that operations on single channels take, and no others. */
function usedByChannel(nodes: GraphNodes): Set<string> {
  const byChannel = new Set<string>();
  const otherwise = new Set<string>();
  for (const {op, input} of nodes.all) {
    if (nodes.passes(op) || RESHAPING.has(op)) {
      continue;
    }
    input.forEach((each, place) => {
      const isByChannel = BY_CHANNEL.has(op) || (FUSED.has(op) && place >= 2);
      (isByChannel ? byChannel : otherwise).add(nodes.source(each, RESHAPING));
    });
  }
  otherwise.forEach((name) => byChannel.delete(name));
  return byChannel;
}
