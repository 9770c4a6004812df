import {
  endOf,
  lengthOf,
  positionIn,
  type FitParams,
  type ScheduleUnit,
} from '../../lib/schedule/position';

describe('in steps', () => {
  it('is what the optimizer has counted', () => {
    const position = positionIn('step');
    expect(position.begin(7, true)).toBe(7);
    expect(position.beginEpoch(0)).toBeNull();
    position.beginBatch(0);
    expect(position.afterStep(8, {steps: 1})).toBe(8);
    expect(position.endEpoch(0)).toBeNull();
    expect(position.end(8)).toBe(8);
  });
});

describe('in epochs', () => {
  const FIT = {steps: null, samples: 5, batchSize: 2};

  /** What a fit of two epochs of three batches is told. */
  function fit(
    position: ReturnType<typeof positionIn>,
    isNew: boolean,
    first = 0,
    params: FitParams = {},
  ) {
    const told = [position.begin(0, isNew)];
    for (const epoch of [first, first + 1]) {
      told.push(position.beginEpoch(epoch));
      for (let batch = 0; batch < 3; ++batch) {
        position.beginBatch(batch);
        told.push(position.afterStep(0, params));
      }
      told.push(position.endEpoch(epoch));
    }
    return [...told, position.end(0)];
  }

  it.each([
    ['samples in batches', FIT],
    ['steps', {steps: 3, samples: null}],
  ])('counts an epoch at its last step by %s', (_name, params) => {
    expect(fit(positionIn('epoch'), true, 0, params)).toEqual([
      null,
      ...[0, null, null, 1, 1],
      ...[1, null, null, 2, 2],
      2,
    ]);
  });

  it.each<FitParams[]>([[{}], [null], [undefined], [{steps: null, samples: null}]])(
    'counts an epoch at its end by %p',
    (params) => {
      expect(fit(positionIn('epoch'), true, 0, params)).toEqual([
        null,
        ...[0, null, null, null, 1],
        ...[1, null, null, null, 2],
        2,
      ]);
    },
  );

  it.each([0, 2])('counts on in a fit that starts at %p', (first) => {
    const position = positionIn('epoch');
    fit(position, true);
    expect(fit(position, false, first, FIT)).toEqual([
      null,
      ...[2, null, null, 3, 3],
      ...[3, null, null, 4, 4],
      4,
    ]);
  });

  it('counts from 0 with other weights', () => {
    const position = positionIn('epoch');
    const first = fit(position, true);
    expect(fit(position, true)).toEqual(first);
  });

  it('ends no epoch with a step that no batch was announced for', () => {
    const position = positionIn('epoch');
    position.begin(0, true);
    position.beginEpoch(0);
    expect(position.afterStep(1, {steps: 1})).toBeNull();
    position.beginBatch(0);
    expect(position.afterStep(2, {steps: 1})).toBe(1);
  });
});

describe('the end of a fit', () => {
  it.each<[string, ScheduleUnit, FitParams, number, number]>([
    ['begins', 'epoch', {epochs: 10}, 0, 10],
    ['begins again', 'epoch', {epochs: 3}, 2, 5],
    ['goes on with the same weights', 'epoch', {epochs: 10, initialEpoch: 5}, 5, 10],
    ['goes on with weights that were loaded', 'epoch', {epochs: 10, initialEpoch: 5}, 0, 10],
    ['goes on, in steps', 'step', {epochs: 3, initialEpoch: 1, steps: 4}, 2, 10],
    ['has an unknown number of steps', 'step', {epochs: 3}, 2, Infinity],
  ])('that %s', (_, unit, params, done, end) => {
    expect(endOf(lengthOf(params)!, unit, done)).toBe(end);
  });

  it('is not known outside of one', () => {
    expect(lengthOf(null)).toBeNull();
    expect(lengthOf({})).toBeNull();
  });
});
