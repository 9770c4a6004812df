import type {ChannelGroup} from './groups/channel_groups';

/** A group whose channels are ranked. */
export interface RankedGroup {
  readonly group: ChannelGroup;
  /** Channels that are pruned already. */
  readonly pruned: ReadonlySet<number>;
  /** The importance of each channel. */
  readonly scores: ArrayLike<number>;
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
 * What the scores of a group are divided by where several groups are ranked
 * together: the mean of what is left, the largest or nothing; or, less their mean,
 * their standard deviation.
 */
export type Normalize = 'mean' | 'max' | 'standard' | 'none';

/** The values of `Normalize`. */
export const NORMALIZERS = ['mean', 'max', 'standard', 'none'] as const;

/**
 * The channels to prune next in each group, so that `count` of all are pruned:
 * the least important, earlier ones first among equals. Fewer where the limits
 * say so. Over several groups, scores are normalized, as those of wide and of
 * narrow layers do not compare.
 */
export function chooseChannels(
  pool: readonly RankedGroup[],
  count: number,
  limits: ChannelLimits,
  normalize: Normalize = 'mean',
): ChosenChannels {
  const rooms = pool.map((ranked) => new Room(ranked, limits));
  const candidates = pool.flatMap(({group, pruned, scores}, i) => {
    const left = range(group.size).filter((channel) => !pruned.has(channel));
    const own = left.map((channel) => scores[channel]);
    const [origin, unit] = scaleOf(own, normalize);
    return left
      .filter((channel) => group.reasons[channel] === undefined)
      .map((channel) => ({channel, room: rooms[i], score: (scores[channel] - origin) / unit}));
  });
  candidates.sort((a, b) => a.score - b.score);
  const wanted = count - pool.reduce((all, {pruned}) => all + pruned.size, 0);
  const because = new Set<string>();
  let taken = 0;
  for (const {channel, room} of candidates) {
    if (taken >= wanted) {
      break;
    }
    const refusal = room.refusal(channel);
    if (refusal === undefined) {
      room.take(channel);
      ++taken;
    } else {
      because.add(refusal);
    }
  }
  if (taken < wanted && pool.some(({group}) => group.reasons.some(Boolean))) {
    because.add('channels that must stay');
  }
  const channels = rooms.map((room) => room.rounded());
  const gone = channels.reduce((all, {length}) => all + length, 0);
  if (gone < taken) {
    because.add('roundTo');
  }
  const missing = Math.max(0, wanted - gone);
  return {channels, missing, because: missing > 0 ? [...because] : []};
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
  private readonly taken: number[] = [];
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

  /** The limit that keeps the channel, if one does. */
  refusal(channel: number): keyof ChannelLimits | undefined {
    if (this.left <= 0) {
      return 'maxSparsity';
    }
    const {minChannels} = this.limits;
    return this.makers[channel].some(({kept}) => kept <= minChannels) ? 'minChannels' : undefined;
  }

  take(channel: number): void {
    this.makers[channel].forEach((maker) => --maker.kept);
    --this.left;
    this.taken.push(channel);
  }

  /** What was taken, less the most important if that makes the rest a multiple. */
  rounded(): number[] {
    const {group, pruned} = this.ranked;
    const kept = group.size - pruned.size - this.taken.length;
    const {roundTo} = this.limits;
    const back = Math.ceil(kept / roundTo) * roundTo - kept;
    return this.taken.slice(0, Math.max(0, this.taken.length - back));
  }
}

function range(size: number): number[] {
  return Array.from({length: size}, (_, i) => i);
}
