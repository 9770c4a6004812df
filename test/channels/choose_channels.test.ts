import {layers} from '@tensorflow/tfjs-layers';

import {
  chooseChannels,
  type ChannelLimits,
  type Normalize,
} from '../../lib/channels/choose_channels';
import type {ChannelGroup} from '../../lib/channels/groups/channel_groups';
import {around, groupOf} from '../shrink/shrunk';

const NONE: ChannelLimits = {minChannels: 1, maxSparsity: 1, roundTo: 1};

/** Six channels: of 'a' the first two, of 'b' the others, of 'c' all. */
function joined(): ChannelGroup {
  const dense = (units: number, name: string) => layers.dense({units, name});
  const model = around([3], (x) => {
    const both = layers
      .concatenate()
      .apply([dense(2, 'a').apply(x), dense(4, 'b').apply(x)] as never);
    return layers.add().apply([both, dense(6, 'c').apply(x)] as never);
  });
  return groupOf(model, 'c');
}

const choose = (count: number, limits: Partial<ChannelLimits> = {}, pruned: number[] = []) =>
  chooseChannels([{group: joined(), pruned: new Set(pruned), scores: [1, 2, 3, 4, 5, 6]}], count, {
    ...NONE,
    ...limits,
  });

describe('chooseChannels', () => {
  it.each<[string, number, Partial<ChannelLimits>, number[], number[], number, string[]]>([
    ['takes the least important', 2, {}, [], [0, 2], 0, []],
    ['leaves each of coupled layers a channel', 5, {}, [], [0, 2, 3, 4], 1, ['minChannels']],
    ['counts what is pruned already', 3, {}, [1], [2, 3], 0, []],
    ['has nothing to do', 1, {}, [1, 3], [], 0, []],
    ['rounds up what is kept', 3, {roundTo: 2}, [], [0, 2], 1, ['minChannels', 'roundTo']],
    ['leaves what is smaller', 1, {roundTo: 8}, [], [], 1, ['roundTo']],
    ['leaves a share', 3, {maxSparsity: 0.4}, [], [0, 2], 1, ['minChannels', 'maxSparsity']],
    ['leaves the share of all', 3, {maxSparsity: 0.4}, [2], [0], 1, ['maxSparsity']],
  ])('%s', (_, count, limits, pruned, channels, missing, because) => {
    expect(choose(count, limits, pruned)).toEqual({channels: [channels], missing, because});
  });

  it.each<[Normalize, number[][]]>([
    // 0.5 1 1.5 and 0.29 0.35 2.35
    ['mean', [[], [0, 1]]],
    // 0.33 0.67 1 and 0.13 0.15 1
    ['max', [[], [0, 1]]],
    // −1.22 0 1.22 and −0.74 −0.68 1.41
    ['standard', [[0], [0]]],
    ['none', [[0, 1], []]],
  ])('ranks several groups by %s', (normalize, expected) => {
    const group = {...joined(), size: 3, members: [], reasons: Array<undefined>(3).fill(undefined)};
    const pool = [
      [1, 2, 3],
      [10, 12, 80],
    ].map((scores) => ({group, pruned: new Set<number>(), scores}));
    const {channels} = chooseChannels(pool, 2, NONE, normalize);
    expect(channels).toEqual(expected);
  });

  describe('of channels that go together', () => {
    const alone = (size: number) => ({
      ...joined(),
      size,
      members: [],
      reasons: Array<string | undefined>(size).fill(undefined),
    });

    it.each<[string, number, Partial<ChannelLimits>, number[], number[], number, string[]]>([
      // By means of 5, 3, 4: the second, the third, the first.
      ['takes those of the least mean', 2, {}, [], [2, 3], 0, []],
      ['takes the nearest number', 3, {}, [], [2, 3, 4, 5], 0, []],
      ['leaves what is less than half', 1, {}, [], [2, 3], 0, []],
      ['leaves one of them', 6, {}, [], [2, 3, 4, 5], 2, ['maxSparsity']],
      ['takes the rest first', 3, {}, [4], [2, 3], 0, []],
      ['keeps a multiple', 2, {roundTo: 3}, [], [], 2, ['roundTo']],
      ['heeds a share', 4, {maxSparsity: 0.5}, [], [2, 3], 2, ['maxSparsity']],
    ])('%s', (_, count, limits, pruned, channels, missing, because) => {
      const ranked = {
        group: alone(6),
        pruned: new Set(pruned),
        scores: [9, 1, 2, 4, 3, 5],
        together: 2,
      };
      const most = {...NONE, maxSparsity: 0.9, ...limits};
      expect(chooseChannels([ranked], count, most, 'none')).toEqual({
        channels: [channels],
        missing,
        because,
      });
    });

    it('leaves those of which one must stay', () => {
      const group = {...alone(4), reasons: [undefined, 'because', undefined, undefined]};
      const ranked = {group, pruned: new Set<number>(), scores: [1, 1, 5, 5], together: 2};
      expect(chooseChannels([ranked], 2, NONE).channels).toEqual([[2, 3]]);
    });
  });

  it('says that channels must stay', () => {
    const group = {...joined(), reasons: ['because', undefined, 'because', 'because']};
    const pool = [
      {group: {...group, size: 4, members: []}, pruned: new Set<number>(), scores: [1, 2, 3, 4]},
    ];
    expect(chooseChannels(pool, 2, NONE)).toEqual({
      channels: [[1]],
      missing: 1,
      because: ['channels that must stay'],
    });
  });
});
