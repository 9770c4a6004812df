import {min, mul, scalar, stack, type Tensor, tidy} from '@tensorflow/tfjs-core';
import {LayersModel} from '@tensorflow/tfjs-layers';

import type {ChannelGraph} from '../channels/graph/channel_graph';
import {type Channels, isZero, type Memo} from '../channels/graph/channels';
import {masksSteps} from '../model/layer_settings';
import type {GraphNode} from '../model/layer_tree';
import {partsOf} from '../model/layer_walk';

/** For additions, by their nodes: the numbers of the inputs that add nothing. */
export type ZeroAddends = ReadonlyMap<GraphNode, ReadonlySet<number>>;

/** Whether a layer in `model` masks steps, so that an addition also merges masks. */
export function hasMasks(model: LayersModel): boolean {
  return partsOf(model).some(
    (layer) => masksSteps(layer) || (layer instanceof LayersModel && hasMasks(layer)),
  );
}

/**
 * The inputs of additions in `model` that are zero whatever the data, and can be
 * left out: another one has the shape of the sum. One small read.
 */
export async function zeroAddends(model: LayersModel, graph: ChannelGraph): Promise<ZeroAddends> {
  const sums = hasMasks(model) ? [] : [...graph.sums];
  const zero = await areZero(sums.flatMap(([, uses]) => uses.flat()));
  const dead = new Map<GraphNode, ReadonlySet<number>>();
  let at = 0;
  for (const [node, uses] of sums) {
    const found = node.inputTensors.map((_, i) => i);
    const inAll = uses.reduce((left, inputs) => {
      const flags = zero.slice(at, (at += inputs.length));
      return left.filter((i) => flags[i]);
    }, found);
    if (inAll.length > 0 && keepsShape(node, new Set(inAll))) {
      dead.set(node, new Set(inAll));
    }
  }
  return dead;
}

/** Whether the sum has its shape without some of its inputs. */
export function keepsShape(node: GraphNode, without: ReadonlySet<number>): boolean {
  const shape = JSON.stringify(node.outputTensors[0].shape);
  return node.inputTensors.some((x, i) => !without.has(i) && JSON.stringify(x.shape) === shape);
}

/** Which tensors of a model are zero whatever the data. One small read. */
export async function areZero(all: ReadonlyArray<Channels>): Promise<boolean[]> {
  if (all.length === 0) {
    return [];
  }
  const flags = tidy(() => {
    const memo: Memo = new Map();
    return stack(all.map((channels) => isAllZero(channels, memo)));
  });
  try {
    return Array.from(await flags.data(), (flag) => flag === 1);
  } finally {
    flags.dispose();
  }
}

function isAllZero(channels: Channels, memo: Memo): Tensor {
  if (channels.ids.length === 0) {
    return scalar(0);
  }
  const {fixed, value} = channels.constants(memo);
  return min(mul(fixed, isZero(value)));
}
