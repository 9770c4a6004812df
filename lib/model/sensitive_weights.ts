import type {io} from '@tensorflow/tfjs-core';

import {GraphNodes} from './stored_graph';

/** What a sensitive weight does to channels: it shifts, scales or filters them, or something else. */
export type Sensitivity = 'offset' | 'scale' | 'filter' | 'other';

/** Weights of tfjs-layers that are no kernels of products, whatever their rank. */
const OFFSET_NAME = /(^|\/)(bias|beta|moving_mean)(_\d+)?$/;
const SCALE_NAME = /(^|\/)(gamma|moving_variance)(_\d+)?$/;
const FILTER_NAME = /(^|\/)depthwise_kernel(_\d+)?$/;

/** Operations that hand on the numbers of their first input, in another shape. */
const RESHAPING: ReadonlySet<string> = new Set(['ExpandDims', 'Reshape', 'Squeeze', 'Transpose']);

/**
 * Operations that scale, shift or filter single channels by any of their inputs. What is added
 * or multiplied may be other than that, such as the places of boxes.
 */
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
/** What operations take at their second input, and from the third on. */
const PLACES: ReadonlyMap<string, readonly [Sensitivity, Sensitivity]> = new Map([
  ['BiasAdd', ['offset', 'other']],
  ['DepthwiseConv2d', ['filter', 'other']],
  ['DepthwiseConv2dNative', ['filter', 'other']],
  ['FusedDepthwiseConv2dNative', ['filter', 'offset']],
  ['_FusedConv2D', ['other', 'offset']],
  ['_FusedMatMul', ['other', 'offset']],
]);

/**
 * The weights of a model that are few, and on which much depends: biases, the scales and
 * statistics of normalization, depthwise kernels; by name, with what they do. Rounding
 * them to few bits gains next to nothing and may cost most of the accuracy.
 *
 * A weight of a LayersModel is one of these by its name, a constant of a
 * GraphModel by the operations that use it, and in both a vector is.
 *
 * @param name What holds the model; named in errors.
 * @throws PruningError where a graph's nodes are malformed.
 */
export function sensitiveWeights(
  name: string,
  artifacts: io.ModelArtifacts,
): Map<string, Sensitivity> {
  const {modelTopology, weightSpecs = []} = artifacts;
  const isGraph = typeof modelTopology === 'object' && 'node' in (modelTopology ?? {});
  const byUse = isGraph ? usedByChannel(new GraphNodes(name, artifacts)) : undefined;
  const found = new Map<string, Sensitivity>();
  for (const {name, shape} of weightSpecs) {
    const sensitivity = byUse ? byUse.get(name) : byName(name);
    if (sensitivity !== undefined || isVector(shape)) {
      found.set(name, sensitivity ?? 'other');
    }
  }
  return found;
}

function byName(name: string): Sensitivity | undefined {
  if (FILTER_NAME.test(name)) {
    return 'filter';
  }
  return OFFSET_NAME.test(name) ? 'offset' : SCALE_NAME.test(name) ? 'scale' : undefined;
}

/** Whether all dimensions but the last are 1. */
function isVector(shape: readonly number[]): boolean {
  return shape.slice(0, -1).every((size) => size === 1);
}

/** The constants that operations on single channels take, and no others. */
function usedByChannel(nodes: GraphNodes): Map<string, Sensitivity> {
  const byChannel = new Map<string, Sensitivity>();
  const otherwise = new Set<string>();
  for (const {op, input} of nodes.all) {
    if (nodes.passes(op) || RESHAPING.has(op)) {
      continue;
    }
    input.forEach((each, place) => {
      const source = nodes.source(each, RESHAPING);
      if (!BY_CHANNEL.has(op) && !(FUSED.has(op) && place >= 2)) {
        otherwise.add(source);
        return;
      }
      const sensitivity = PLACES.get(op)?.[Math.min(place, 2) - 1] ?? 'other';
      const before = byChannel.get(source) ?? sensitivity;
      byChannel.set(source, before === sensitivity ? sensitivity : 'other');
    });
  }
  otherwise.forEach((name) => byChannel.delete(name));
  return byChannel;
}
