import type {Tensor} from '@tensorflow/tfjs-core';

import {readVectors} from '../base/read_vectors';
import type {ChannelGraph, Consumer} from '../channels/graph/channel_graph';
import type {Channels, Memo} from '../channels/graph/channels';
import {zeroSlices} from '../projection/effective_weight';

/** Which channels of a model can be taken out without a change to what it computes. */
export interface Removal {
  /** Whether the channel of an id is taken out. */
  readonly gone: (id: number) => boolean;
  /** Why a channel stays that no layer makes anything of, by the id that stands for it. */
  readonly kept: ReadonlyMap<number, string>;
  /** What the removed channels add up to where it can be added to a bias instead. */
  readonly folds: readonly Fold[];
}

/** Constants that a consumer saw in removed channels, zero in all others. */
export interface Fold {
  readonly consumer: Consumer;
  readonly values: Float32Array;
}

/**
 * Finds the channels that have the same value at all times wherever they are
 * read, so that what they add can be left out or added to a bias. Looks at the
 * weights on the device, and reads back a few numbers a channel, once.
 */
export async function findRemovable(graph: ChannelGraph): Promise<Removal> {
  const {ids, consumers, bindings} = graph;
  const producers = bindings.filter(({role}) => role === 'producer');
  const tensors = [...new Set(consumers.map(({channels}) => channels))];
  const places = new Map(tensors.map((channels, i) => [channels, producers.length + 2 * i]));
  const vectors = await readVectors<'float32'>(() => {
    const memo: Memo = new Map();
    return [
      ...producers.map(({variable, axis}) => zeroSlices(variable, axis)),
      ...tensors.flatMap((channels) => constantsOf(channels, memo)),
    ];
  });

  // Silent: nothing makes it. Of these, all are to go that can.
  const silent = new Set(producers.flatMap((producer) => producer.ids.map((id) => ids.find(id))));
  producers.forEach((producer, i) => {
    producer.ids.forEach((id, at) => vectors[i][at] === 1 || silent.delete(ids.find(id)));
  });

  const alive = new Set<number>();
  const kept = new Map<number, string>();
  const keep = (root: number, reason: string) => kept.has(root) || kept.set(root, reason);
  const first = new Map<unknown, Float32Array>();
  const seen = consumers.map(({name, channels, variable, bias}) => {
    const at = places.get(channels)!;
    const [fixed, value] = [vectors[at], vectors[at + 1]];
    const former = first.get(variable ?? channels) ?? value;
    first.set(variable ?? channels, former);
    channels.ids.forEach((id, i) => {
      const root = ids.find(id);
      if (fixed[i] !== 1) {
        alive.add(root);
        keep(root, `layer '${name}' sees it change`);
      } else if (value[i] !== 0 && bias == null) {
        keep(root, `layer '${name}' sees it at ${value[i]}, which no bias can stand for exactly`);
      } else if (value[i] !== former[i]) {
        keep(root, `layer '${name}' is shared and sees it at ${former[i]} and at ${value[i]}`);
      }
    });
    return value;
  });

  const gone = new Set<number>();
  for (const {ids: positions} of bindings) {
    for (const root of positions.map((id) => ids.find(id))) {
      const reason = ids.reason(root);
      if (reason !== undefined) {
        kept.set(root, reason);
      }
      if (!kept.has(root)) {
        gone.add(root);
      }
    }
  }
  keepOneOfEach(graph, gone, keep);
  for (const root of kept.keys()) {
    if (!silent.has(root)) {
      kept.delete(root);
    }
  }
  const isGone = (id: number) => gone.has(ids.find(id));
  const folds = consumers.map((consumer, i) => ({
    consumer,
    values: seen[i].map((value, at) => (isGone(consumer.channels.ids[at]) ? value : 0)),
  }));
  return {
    gone: isGone,
    kept,
    folds: folds.filter(({values}) => values.some((value) => value !== 0)),
  };
}

/** No weight may lose all positions along an axis, nor a layer its last unit. */
function keepOneOfEach(
  {bindings, resizes, ids}: ChannelGraph,
  gone: Set<number>,
  keep: (root: number, reason: string) => void,
): void {
  for (const {name, ids: positions} of [...bindings, ...resizes]) {
    const roots = positions.map((id) => ids.find(id));
    if (roots.every((root) => gone.has(root))) {
      gone.delete(roots[0]);
      keep(roots[0], `'${name}' needs at least one channel`);
    }
  }
}

function constantsOf(channels: Channels, memo: Memo): Tensor[] {
  const {fixed, value} = channels.constants(memo);
  return [fixed, value];
}
