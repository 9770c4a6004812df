import {ChannelIds} from '../../../lib/channels/graph/channel_ids';

describe('ChannelIds', () => {
  it('counts on from 0', () => {
    const ids = new ChannelIds();
    expect([ids.fresh(2), ids.fresh(0), ids.fresh(3), ids.size]).toEqual([
      [0, 1],
      [],
      [2, 3, 4],
      5,
    ]);
  });

  it('finds one id for all that are tied, however', () => {
    const ids = new ChannelIds();
    const all = ids.fresh(6);
    ids.tieAll([0, 2, 4], [1, 3, 5]);
    ids.tie(1, 2);
    ids.tie(5, 3);
    expect(new Set(all.map((id) => ids.find(id))).size).toBe(1);
  });

  it('keeps apart what is not tied', () => {
    const ids = new ChannelIds();
    ids.fresh(4);
    ids.tie(0, 3);
    expect(ids.find(1)).not.toBe(ids.find(2));
    expect(ids.find(3)).toBe(ids.find(0));
  });

  it('passes the first reason on to what is tied', () => {
    const ids = new ChannelIds();
    ids.fresh(4);
    ids.freeze([1], 'one');
    ids.freeze([1], 'two');
    ids.tie(0, 1);
    ids.tie(0, 2);
    expect([0, 1, 2, 3].map((id) => ids.reason(id))).toEqual(['one', 'one', 'one', undefined]);
  });
});
