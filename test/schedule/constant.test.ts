import {PruningError} from '../../lib/base/errors';
import {constantSparsity} from '../../lib/schedule/constant';

it('is 0 before the begin and the sparsity from it on', () => {
  const schedule = constantSparsity({sparsity: 0.5, beginStep: 10});
  expect([0, 9, 10, 11, 1e6].map(schedule)).toEqual([0, 0, 0.5, 0.5, 0.5]);
});

it('begins at once and has no end unless told', () => {
  const {updates} = constantSparsity({sparsity: 0.5});
  expect(updates).toEqual({beginStep: 0, endStep: Infinity, frequency: 100});
});

it('has another sparsity for a layer of its own', () => {
  expect([1, 2].map(constantSparsity({sparsity: 0.5, beginStep: 2}).to(0.8))).toEqual([0, 0.8]);
});

it.each<[string, object, string]>([
  ['a sparsity of 1', {sparsity: 1}, 'sparsity'],
  ['an end before the begin', {sparsity: 0.5, beginStep: 2, endStep: 1}, 'endStep'],
  ['an unknown option', {targetSparsity: 0.5}, 'constantSparsity'],
])('refuses %s', (_what, args, argument) => {
  const make = () => constantSparsity(args as Parameters<typeof constantSparsity>[0]);
  expect(make).toThrow(PruningError);
  expect(make).toThrow(`${argument}: expected`);
});
