import {layers} from '@tensorflow/tfjs-layers';

import type {ChannelGroup} from '../../lib/structure/channel_groups';
import {chooseChannels, type ChannelLimits} from '../../lib/structure/choose_channels';
import {around, groupOf} from './shrunk';

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
  })[0];

describe('chooseChannels', () => {
  it('leaves each of coupled layers a channel', () => {
    expect(choose(3)).toEqual([0, 2, 3]);
    expect(choose(5)).toEqual([0, 2, 3, 4]);
  });

  it('counts what is pruned already', () => {
    expect(choose(3, {}, [1])).toEqual([2, 3]);
    expect(choose(1, {}, [1, 3])).toEqual([]);
  });

  it('rounds up what is kept', () => {
    expect(choose(3, {roundTo: 2})).toEqual([0, 2]);
    expect(choose(3, {roundTo: 8})).toEqual([]);
  });
});
