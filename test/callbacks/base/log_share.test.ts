import {logShare} from '../../../lib/callbacks/base/log_share';

it('writes the share of what all callbacks prune together, in whatever order', () => {
  const [one, other] = [
    {pruned: 1, size: 4},
    {pruned: 9, size: 12},
  ];
  for (const order of [
    [one, other],
    [other, one],
  ]) {
    const logs: Record<string, number> = {loss: 2};
    order.forEach((share) => logShare(logs, 'sparsity', share));
    logShare(logs, 'channelSparsity', one);
    expect(logs).toEqual({loss: 2, sparsity: 10 / 16, channelSparsity: 0.25});
  }
});

it('begins anew with other logs', () => {
  const share = {pruned: 1, size: 2};
  const [first, second]: Record<string, number>[] = [{}, {}];
  logShare(first, 'sparsity', share);
  logShare(second, 'sparsity', {pruned: 0, size: 2});
  expect([first.sparsity, second.sparsity]).toEqual([0.5, 0]);
});

it('is 0 of nothing', () => {
  const logs: Record<string, number> = {};
  logShare(logs, 'sparsity', {pruned: 0, size: 0});
  expect(logs.sparsity).toBe(0);
});
