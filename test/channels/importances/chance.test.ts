import {scoresOf, twoUnits} from './scores';

describe('random', () => {
  it('is the same chance for the same seed', async () => {
    const model = twoUnits([3, -1, 4, 0], [1, 1]);
    const random = (seed: number) => scoresOf(model, 'p', {importance: 'random', seed});
    expect(await random(3)).toEqual(await random(3));
    expect(await random(3)).not.toEqual(await random(4));
  });
});
