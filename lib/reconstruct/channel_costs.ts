import {
  add,
  dispose,
  div,
  expandDims,
  eye,
  gather,
  matMul,
  max,
  maximum,
  mean,
  mul,
  reshape,
  squeeze,
  sum,
  sqrt,
  tensor1d,
  type Tensor2D,
  tidy,
  tile,
  zeros,
} from '@tensorflow/tfjs-core';

import {readVectors} from '../base/read_vectors';
import {Pace} from '../base/yielding';
import type {ChannelGroup, ChannelMember} from '../channels/groups/channel_groups';
import type {Batch} from '../data/batches';
import {Elimination} from './elimination';
import type {LayerSite} from './layer_site';
import {Moments} from './moments';

/** Inputs of a layer up to which the inverse of their Gram matrix is made. */
const MOST_INPUTS = 4608;
/** Share of the mean diagonal by which it is damped. More than for solving, since few samples decide here. */
const DAMPING = 0.1;
/** The channels that go in a step, as a share of those that are left. */
const SHARE = 1 / 16;

/** A layer that reads channels. */
interface Consumer {
  readonly site: LayerSite;
  /** For each channel the rows of the kernel's matrix that read it; as many for all. */
  readonly rows: readonly number[][];
}

/**
 * What each channel of a group is worth to the layers that read it: by how much
 * their outputs are off without it, as a share of their mean squares, once the
 * channels that are left make up for it. The cheapest go first, and the costs of the
 * rest are those without them.
 *
 * @returns `null` where no layer that reads the channels can be solved for.
 */
export async function channelCosts(
  group: ChannelGroup,
  sites: readonly LayerSite[],
  batches: readonly Batch[],
): Promise<Float64Array | null> {
  const consumers = await consumersOf(group, sites);
  if (consumers === null) {
    return null;
  }
  const eliminations: Elimination[] = [];
  try {
    for (const consumer of consumers) {
      eliminations.push(await eliminationOf(consumer, batches));
    }
    return await eliminate(group, consumers, eliminations);
  } finally {
    eliminations.forEach((each) => each.dispose());
  }
}

async function consumersOf(
  group: ChannelGroup,
  sites: readonly LayerSite[],
): Promise<Consumer[] | null> {
  const consumers: Consumer[] = [];
  for (const member of group.members.filter(({role}) => role === 'consumer')) {
    const site = sites.find(({kernel}) => kernel === member.variable);
    const rows = site && (await rowsOf(member, site, group.size));
    const isEven = rows?.every(({length}) => length > 0 && length === rows[0].length);
    if (!site || !rows || !isEven || site.map.groups > 1 || site.map.inputs > MOST_INPUTS) {
      return null;
    }
    consumers.push({site, rows});
  }
  return consumers.length > 0 ? consumers : null;
}

/** Which rows of the matrix of a kernel read each channel. */
async function rowsOf(
  {variable, axis, channels}: ChannelMember,
  {map}: LayerSite,
  size: number,
): Promise<number[][]> {
  const shape = variable.shape as number[];
  const [numbers] = await readVectors<'float32'>(() => {
    const along = tensor1d([...channels], 'float32');
    const own = shape.map((_, i) => (i === axis ? channels.length : 1));
    const all = tile(
      reshape(along, own),
      shape.map((length, i) => (i === axis ? 1 : length)),
    );
    return [max(reshape(map.toMatrix(all), [map.inputs, map.outputs]), 1)];
  });
  const rows: number[][] = Array.from({length: size}, () => []);
  numbers.forEach((channel, row) => rows[channel]?.push(row));
  return rows;
}

/** The elimination of a consumer's inputs, channel by channel, with errors as shares. */
async function eliminationOf(
  {site, rows}: Consumer,
  batches: readonly Batch[],
): Promise<Elimination> {
  const moments = await inputMoments(site, batches);
  const {inputs} = site.map;
  const first = rows.flat();
  const others = new Set(first);
  const order = [...first, ...[...Array(inputs).keys()].filter((row) => !others.has(row))];
  const [gram, weights] = tidy(() => {
    const numbers = tensor1d(order, 'int32');
    const whole = squeeze(moments.gram(expandDims(eye(inputs), 0)), [0]);
    const sorted = gather(gather(whole, numbers), numbers, 1);
    const ridge = maximum(mul(mean(moments.diagonal), DAMPING), 1e-20);
    const damped = add<Tensor2D>(sorted, mul(eye(inputs), ridge));
    const own = gather(squeeze(site.map.toMatrix(site.read('pruned').kernel), [0]), numbers);
    const energy = maximum(sum(mul(own, matMul(damped, own as Tensor2D))), 1e-20);
    return [damped, div<Tensor2D>(own, sqrt(energy))];
  });
  moments.dispose();
  try {
    return await Elimination.of(gram, weights);
  } finally {
    dispose([gram, weights]);
  }
}

/** The moments of what a site gets; what it gives is not looked at. */
async function inputMoments(site: LayerSite, batches: readonly Batch[]): Promise<Moments> {
  const {groups, inputs} = site.map;
  const isCentral = site.read('pruned').bias !== null;
  const moments = new Moments({groups, inputs, outputs: 1}, isCentral);
  const pace = new Pace();
  for (const batch of batches) {
    const own = await site.inputs(batch, 'pruned');
    tidy(() =>
      own.forEach((input) => {
        const rows = site.rows(input, 'pruned');
        moments.add(rows, zeros([groups, rows.shape[1]!, 1]));
      }),
    );
    dispose(own);
    await pace.rest();
  }
  return moments;
}

async function eliminate(
  {size, reasons}: ChannelGroup,
  consumers: readonly Consumer[],
  eliminations: readonly Elimination[],
): Promise<Float64Array> {
  const scores = new Float64Array(size);
  const left = new Set([...Array(size).keys()].filter((channel) => reasons[channel] === undefined));
  const pace = new Pace();
  let last = 0;
  while (left.size > 0) {
    const costs = new Float64Array(size);
    for (const [i, each] of eliminations.entries()) {
      const own = await each.costs(size, consumers[i].rows[0].length);
      own.forEach((cost, channel) => (costs[channel] += cost));
    }
    const count = Math.ceil(left.size * SHARE);
    const next = [...left].sort((a, b) => costs[a] - costs[b]).slice(0, count);
    for (const channel of next) {
      // Those that go later are worth more, also where rounding says otherwise.
      last = scores[channel] = Math.max(costs[channel], last * (1 + 1e-6));
      left.delete(channel);
    }
    for (const [i, each] of eliminations.entries()) {
      const {length} = consumers[i].rows[0];
      await each.remove(next.flatMap((channel) => rangeOf(channel * length, length)));
    }
    await pace.rest();
  }
  return scores.map((score, channel) => (reasons[channel] === undefined ? score : last));
}

function rangeOf(begin: number, length: number): number[] {
  return Array.from({length}, (_, i) => begin + i);
}
