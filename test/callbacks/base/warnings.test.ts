import {
  warnOfEarlyEnd,
  warnOfLag,
  warnOfLateBegin,
  warnOfNoCount,
  warnOfSchedule,
  warnOfZeros,
  type Scheduled,
} from '../../../lib/callbacks/base/warnings';
import {constantSparsity} from '../../../lib/schedule/constant';
import {polynomialDecay} from '../../../lib/schedule/decay';
import type {SparsityFunction} from '../../../lib/schedule/schedule';

const UPDATES = {beginStep: 2, endStep: 10, frequency: 4};
const rising = polynomialDecay({
  initialSparsity: 0.1,
  finalSparsity: 0.5,
  beginStep: 2,
  endStep: 10,
  power: 1,
});
const of = (schedule: SparsityFunction | null, rest: Partial<Scheduled> = {}): Scheduled => ({
  unit: 'step',
  updates: UPDATES,
  schedule,
  ...rest,
});

let warn: jest.SpyInstance<void, unknown[]>;
const said = () => warn.mock.calls.flat();

beforeEach(() => {
  warn = jest.spyOn(console, 'warn').mockImplementation();
});

afterEach(() => warn.mockRestore());

describe('warnOfLateBegin', () => {
  it('tells where the schedule is', () => {
    warnOfLateBegin('Pruner', of(rising), 6);
    expect(said()).toEqual([
      'Pruner: the optimizer has done 6 steps since compile(), so pruning starts there, at a ' +
        'sparsity of 0.3000, and not at beginStep (2). Compile the model again to count from 0, ' +
        'or add 6 to beginStep and endStep.',
    ]);
  });

  it('tells no sparsity where it follows from a cut', () => {
    warnOfLateBegin('Pruner', of(null), 6);
    expect(said()[0]).toContain('so pruning starts there and not at beginStep (2).');
  });

  it.each([
    ['at the begin', of(rising), 2],
    ['before it', of(rising), 0],
    ['by epochs', of(rising, {unit: 'epoch'}), 6],
    ['without an end', of(rising, {updates: {...UPDATES, endStep: Infinity}}), 6],
  ])('says nothing %s', (_name, scheduled, step) => {
    warnOfLateBegin('Pruner', scheduled, step);
    expect(said()).toEqual([]);
  });
});

describe('warnOfEarlyEnd', () => {
  it.each([
    [9, '1 step before endStep (10); the sparsity is 0.2500, not 0.5.'],
    [2, '8 steps before endStep (10); the sparsity is 0.2500, not 0.5.'],
    [0, '10 steps before endStep (10); the sparsity is 0.2500, not 0.5.'],
  ])('tells at %p what is missing', (position, text) => {
    warnOfEarlyEnd('Pruner', of(rising), position, [rising], 0.25);
    expect(said()).toEqual([`Pruner: training ended ${text} Train longer, or lower endStep.`]);
  });

  it('counts epochs, and names the begin of a schedule without an end', () => {
    const updates = {beginStep: 3, endStep: Infinity, frequency: 1};
    const constant = constantSparsity({sparsity: 0.5, beginStep: 3});
    warnOfEarlyEnd('Pruner', of(constant, {unit: 'epoch', updates}), 2, [constant], 0);
    expect(said()).toEqual([
      'Pruner: training ended 1 epoch before beginStep (3); the sparsity is 0.0000, not 0.5. ' +
        'Train longer, or lower beginStep.',
    ]);
  });

  it('names no goal where the sparsity follows from a cut', () => {
    const none = constantSparsity({sparsity: 0, beginStep: 2});
    warnOfEarlyEnd('Pruner', of(null), 9, [none], 0.25);
    expect(said()).toEqual([
      'Pruner: training ended 1 step before endStep (10); the sparsity is 0.2500. ' +
        'Train longer, or lower endStep.',
    ]);
  });

  it('speaks for a single weight that falls short', () => {
    const constant = constantSparsity({sparsity: 0.5, beginStep: 2});
    warnOfEarlyEnd('Pruner', of(constant), 9, [constant, rising], 0.5);
    expect(said()).toHaveLength(1);
  });

  it.each<[string, SparsityFunction | null, number]>([
    ['at the end', rising, 10],
    ['past it', rising, 11],
    ['at the end of a cut', null, 10],
    ['where no later update asks for more', constantSparsity({sparsity: 0.5, beginStep: 2}), 2],
    ['of a schedule that falls', (step: number) => 0.5 - step / 20, 3],
    ['before a begin of nothing', constantSparsity({sparsity: 0, beginStep: 2}), 0],
  ])('says nothing %s', (_name, schedule, position) => {
    warnOfEarlyEnd('Pruner', of(schedule), position, [schedule ?? rising], 0.5);
    expect(said()).toEqual([]);
  });
});

describe('warnOfEarlyEnd before training', () => {
  it('says what the sparsity will be', () => {
    expect(warnOfEarlyEnd('Pruner', of(rising), 6, [rising], null)).toBe(true);
    expect(said()).toEqual([
      'Pruner: training will end 4 steps before endStep (10); the sparsity will be 0.3000, not 0.5. ' +
        'Train longer, or lower endStep.',
    ]);
    expect(warnOfEarlyEnd('Pruner', of(rising), 10, [rising], null)).toBe(false);
  });
});

describe('warnOfSchedule', () => {
  const decay = (endStep: number, frequency?: number, initialSparsity = 0.5) => {
    const args = {initialSparsity, finalSparsity: 0.9, beginStep: 0, endStep};
    const schedule = polynomialDecay(frequency === undefined ? args : {...args, frequency});
    return of(schedule, {updates: schedule.updates});
  };

  it.each<[string, Scheduled, number, number | null, string[]]>([
    ['the usual', decay(2000), 5, 469, []],
    ['a short one', decay(36), 4, 12, []],
    ['few updates', decay(144, 100), 4, 36, ['rises in 3 updates only. Lower frequency (100)']],
    ['eight updates', decay(700, 100), 4, 200, []],
    ['two updates of no rise', decay(144, 100, 0.9), 4, 36, []],
    ['one-shot', decay(0), 4, 36, []],
    ['epochs', decay(8), 10, 469, ['endStep (8) is early in the first of 10 epochs of 469 steps']],
    ['as many steps as epochs', decay(10), 10, 50, ["set unit: 'epoch'"]],
    ['unknown steps', decay(8), 10, null, []],
    ['a long one', decay(400), 10, 469, []],
    ['epochs that are epochs', {...decay(8), unit: 'epoch'}, 10, 469, []],
  ])('%s', (_, scheduled, epochs, steps, expected) => {
    warnOfSchedule('Pruner', scheduled, {epochs, steps});
    expect(said()).toEqual(expected.map((text) => expect.stringContaining(text)));
  });
});

it.each([
  [1, '1 batch normalization lags'],
  [2, '2 batch normalizations lag'],
])('normalizations that lag are told: %p', (lagging, text) => {
  warnOfLag('Pruner', lagging);
  expect(said()).toEqual([
    expect.stringContaining(`Pruner: ${text} behind the last change of weights.`),
  ]);
});

it('an optimizer that does not count, and loose zeros, are told', () => {
  warnOfNoCount('Pruner');
  warnOfZeros('Pruner', 0.2);
  warnOfZeros('Pruner', 0.801);
  expect(said()).toEqual([
    expect.stringContaining('the optimizer does not count its steps'),
    expect.stringContaining('Pruner: 80 % of the weights are zero without a mask'),
  ]);
});
