import {nearest} from '../../lib/base/nearest';

describe('nearest', () => {
  const known = ['initialSparsity', 'finalSparsity', 'beginStep', 'endStep', 'l1'];

  it.each([
    ['finalSparsty', 'finalSparsity'],
    ['finalsparsity', 'finalSparsity'],
    ['final_sparsity', 'finalSparsity'],
    ['beginStpe', 'beginStep'],
    ['endSteps', 'endStep'],
    ['stepEnd', undefined],
    ['sparsity', undefined],
    ['lr', undefined],
    ['', undefined],
  ])('takes %p for %p', (name, expected) => {
    expect(nearest(name, known)).toBe(expected);
  });

  it('counts a swap as one mistake, as an insertion, a deletion and a replacement', () => {
    for (const typo of ['acb', 'abcd', 'ab', 'abx']) {
      expect(nearest(typo === 'ab' ? 'abd' : typo, ['abc'])).toBe('abc');
    }
    expect(nearest('bca', ['abc'])).toBeUndefined();
  });

  it('knows nothing near among nothing', () => {
    expect(nearest('a', [])).toBeUndefined();
  });
});
