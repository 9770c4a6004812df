import {PruningError} from '../../lib/base/errors';
import {checkCriterion, type Criterion} from '../../lib/weights/criterion';

describe('checkCriterion', () => {
  it.each<[Criterion]>([
    ['magnitude'],
    ['l2'],
    ['lamp'],
    ['gradient'],
    ['taylor'],
    ['movement'],
    ['random'],
    [(weight) => weight],
  ])('takes %p', (criterion) => expect(() => checkCriterion(criterion)).not.toThrow());

  it.each([['snip'], [null], [1], [{}], ['toString']])('refuses %p', (criterion) => {
    expect(() => checkCriterion(criterion)).toThrow(PruningError);
    expect(() => checkCriterion(criterion)).toThrow(
      "criterion: expected 'magnitude' or 'l2' or 'lamp' or 'gradient' or 'taylor' or 'movement' or 'random', but got",
    );
  });
});
