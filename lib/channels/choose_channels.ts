import type {ChannelGroup} from './groups/channel_groups';

/** A group whose channels are ranked. */
export interface RankedGroup {
  readonly group: ChannelGroup;
  /** Channels that are pruned already. */
  readonly pruned: ReadonlySet<number>;
  /** The importance of each channel. */
  readonly scores: ArrayLike<number>;
  /** How many channels in a row go together. Default: 1. */
  readonly together?: number;
}

/** What must be left of a group. */
export interface ChannelLimits {
  /** Channels that each layer keeps at least. */
  minChannels: number;
  /** Largest share of a group's channels to be pruned. */
  maxSparsity: number;
  /** The number of channels that a group keeps is a multiple of this. */
  roundTo: number;
}

/** The channels that go next, and what keeps more from going. */
export interface ChosenChannels {
  /** For each group the numbers of channels. */
  readonly channels: number[][];
  /** How many more were asked for. */
  readonly missing: number;
  /** Why they are missing: limits, or a phrase. Empty if none is. */
  readonly because: string[];
}

/**
 * How to normalize the scores of groups that are ranked together. Scores are divided by
 * the mean of the remaining channels or by the maximum, or stay as they are. Or their
 * mean is subtracted, and they are divided by their standard deviation.
 */
export type Normalize = 'mean' | 'max' | 'standard' | 'none';

/** The values of `Normalize`. */
export const NORMALIZERS = ['mean', 'max', 'standard', 'none'] as const;

/**
 * The channels to prune next in each group, so that `count` of all are pruned, or as
 * near to it as those that go together allow: the least important, earlier ones first
 * among equals. Fewer where the limits say so. Over several groups, scores are
 * normalized, as those of wide and of narrow layers do not compare.
 */
export function chooseChannels(
  pool: readonly RankedGroup[],
  count: number,
  limits: ChannelLimits,
  normalize: Normalize = 'mean',
): ChosenChannels {
  const rooms = pool.map((ranked) => new Room(ranked, limits));
  const candidates = pool.flatMap((ranked, i) =>
    candidatesOf(ranked, normalize).map((candidate) => ({...candidate, room: rooms[i]})),
  );
  candidates.sort((a, b) => a.score - b.score);
  const wanted = count - pool.reduce((all, {pruned}) => all + pruned.size, 0);
  const because = new Set<string>();
  let taken = 0;
  for (const {channels, room} of candidates) {
    if (taken + channels.length / 2 > wanted) {
      break;
    }
    const refusal = room.refusal(channels);
    if (refusal === undefined) {
      room.take(channels);
      taken += channels.length;
    } else {
      because.add(refusal);
    }
  }
  // What half of those that go together make is no lack.
  const largest = Math.max(1, ...pool.map(({together = 1}) => together));
  const lack = (gone: number) => (wanted - gone > largest / 2 ? wanted - gone : 0);
  if (lack(taken) > 0 && pool.some(({group}) => group.reasons.some(Boolean))) {
    because.add('channels that must stay');
  }
  const channels = rooms.map((room) => room.rounded());
  const gone = channels.reduce((all, {length}) => all + length, 0);
  if (gone < taken) {
    because.add('roundTo');
  }
  const missing = lack(gone);
  return {channels, missing, because: missing > 0 ? [...because] : []};
}

/** Channels that go together and what they are worth: the mean of their scores, normalized. */
function candidatesOf(
  {group, pruned, scores, together = 1}: RankedGroup,
  normalize: Normalize,
): Array<{channels: number[]; score: number}> {
  const left = range(group.size).filter((channel) => !pruned.has(channel));
  const own = left.map((channel) => scores[channel]);
  const [origin, unit] = scaleOf(own, normalize);
  const runs = range(group.size / together).map((run) =>
    range(together)
      .map((i) => run * together + i)
      .filter((channel) => !pruned.has(channel)),
  );
  return runs
    .filter(
      (channels) =>
        channels.length > 0 && channels.every((channel) => group.reasons[channel] === undefined),
    )
    .map((channels) => {
      const sum = channels.reduce((all, channel) => all + (scores[channel] - origin) / unit, 0);
      return {channels, score: sum / channels.length};
    });
}

/** What is taken from scores, and what they are then divided by. */
function scaleOf(scores: readonly number[], normalize: Normalize): [number, number] {
  const meanOf = (all: readonly number[]) => all.reduce((sum, each) => sum + each, 0) / all.length;
  switch (normalize) {
    case 'mean':
      return [0, meanOf(scores.map(Math.abs)) || 1];
    case 'max':
      return [0, Math.max(...scores.map(Math.abs)) || 1];
    case 'standard': {
      const mean = meanOf(scores);
      return [mean, Math.sqrt(meanOf(scores.map((each) => (each - mean) ** 2))) || 1];
    }
    case 'none':
      return [0, 1];
  }
}

/** What may still go from a group. */
class Room {
  /** What was taken: channels that go together, in the order of their importance. */
  private readonly taken: number[][] = [];
  /** For each channel, the layers' weights that make it, with the channels that they keep. */
  private readonly makers: Array<Array<{kept: number}>>;
  private left: number;

  constructor(
    private readonly ranked: RankedGroup,
    private readonly limits: ChannelLimits,
  ) {
    const {group, pruned} = ranked;
    this.left = Math.floor(group.size * limits.maxSparsity + 1e-9) - pruned.size;
    this.makers = range(group.size).map(() => []);
    for (const {role, channels} of group.members) {
      const made = new Set(channels.filter((channel) => channel >= 0));
      if (role === 'producer') {
        const maker = {kept: [...made].filter((channel) => !pruned.has(channel)).length};
        made.forEach((channel) => this.makers[channel].push(maker));
      }
    }
  }

  /** The limit that keeps the channels, if one does. */
  refusal(channels: readonly number[]): keyof ChannelLimits | undefined {
    if (this.left < channels.length) {
      return 'maxSparsity';
    }
    const makers = channels.flatMap((channel) => this.makers[channel]);
    const isShort = makers.some(
      (maker) =>
        maker.kept - makers.filter((each) => each === maker).length < this.limits.minChannels,
    );
    return isShort ? 'minChannels' : undefined;
  }

  take(channels: number[]): void {
    channels.flatMap((channel) => this.makers[channel]).forEach((maker) => --maker.kept);
    this.left -= channels.length;
    this.taken.push(channels);
  }

  /** What was taken, less the most important if that makes the rest a multiple. */
  rounded(): number[] {
    const {group, pruned} = this.ranked;
    const taken = [...this.taken];
    const kept = () => group.size - pruned.size - taken.flat().length;
    while (taken.length > 0 && kept() % this.limits.roundTo !== 0) {
      taken.pop();
    }
    return taken.flat();
  }
}

function range(size: number): number[] {
  return Array.from({length: size}, (_, i) => i);
}
