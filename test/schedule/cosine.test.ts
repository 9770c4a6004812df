import {cosineDecay} from '../../lib/schedule/cosine';

it('is α, α/2 and 0 at the begin, half-way and at the end', () => {
  const decay = cosineDecay(0.3, 100);
  expect(decay(0)).toBe(0.3);
  expect(decay(50)).toBeCloseTo(0.15, 12);
  expect([100, 101].map(decay)).toEqual([0, 0]);
});
