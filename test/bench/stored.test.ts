import {isOf, type StoredResult} from '../../bench/stored';

const named = (name: string) => ({name}) as StoredResult;

describe('isOf', () => {
  it.each([
    ['sparse', 'sparse', true],
    ['sparsity', 'sparsity_fashion', true],
    ['workers', 'workers_speed', true],
    ['sparse', 'sparse_browser', false],
    ['sparse_browser', 'sparse_browser', true],
    ['sparse', 'sparsity', false],
    ['sparse_browser', 'sparse', false],
  ])('%s, %s: %s', (bench, result, isIts) => {
    expect(isOf(bench, named(result))).toBe(isIts);
  });
});
