import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import type {Crew, Executor, Task} from '../../lib/auto/executor';
import {Workplace} from '../../lib/auto/workplace';
import {
  autoPrune,
  sensitivity,
  sensitivitySvg,
  stripPruning,
  type AutoPruneArgs,
  type AutoPruneReport,
} from '../../lib/index';
import {fillKernels, random, weights} from '../setup/models';
import {samples} from './two_classes';

const compiled = () => {
  const model = fillKernels(
    tfl.sequential({
      layers: [
        tfl.layers.dense({units: 12, activation: 'tanh', inputShape: [4], name: 'wide'}),
        tfl.layers.dense({units: 2, activation: 'softmax', name: 'classes'}),
      ],
      name: 'toy',
    }),
    1,
  );
  const loss = 'categoricalCrossentropy';
  model.compile({optimizer: tf.train.adam(0.05), loss, metrics: ['accuracy']});
  return model;
};

const DATA = {
  train: () => ({...samples(48, 3), batchSize: 8, epochs: 3}),
  validation: () => samples(40, 4),
};

/**
 * As workers do: each task on another copy of the model, of several under way the one that
 * the dice choose ends first.
 */
class Dice implements Executor {
  readonly done: Task[] = [];
  canceled = 0;
  mostAtOnce = 0;
  isOpen = false;

  constructor(
    private readonly size: number,
    seed: number,
    private readonly fails: (task: Task) => string | undefined = () => undefined,
  ) {
    this.next = random(seed);
  }

  private readonly next: () => number;

  async open(): Promise<Crew> {
    this.isOpen = true;
    const material = {model: compiled(), train: DATA.train(), validation: DATA.validation()};
    const workplace = new Workplace({...material, metric: 'accuracy'});
    const waiting: Array<() => Promise<void>> = [];
    let isBusy = false;
    const work = async () => {
      if (isBusy) {
        return;
      }
      isBusy = true;
      while (waiting.length > 0) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        this.mostAtOnce = Math.max(this.mostAtOnce, waiting.length);
        const [one] = waiting.splice(
          Math.floor(this.next() * Math.min(waiting.length, this.size)),
          1,
        );
        await one?.();
      }
      isBusy = false;
    };
    return {
      size: this.size,
      run: (tasks, watch) =>
        tasks.map((task) => {
          let isCanceled = false;
          const outcome = new Promise<never>((resolve, reject) => {
            waiting.push(async () => {
              const failed = this.fails(task);
              if (isCanceled || failed !== undefined) {
                resolve({failed: failed ?? 'canceled'} as never);
                return;
              }
              const onEpoch = async (epoch: number) => watch(task, epoch);
              await workplace.do(task, {onEpoch}).then(resolve as () => void, reject);
              this.done.push(task);
            });
          });
          void work();
          return {outcome, cancel: () => ((isCanceled = true), void ++this.canceled)};
        }),
      close: async () => {
        this.isOpen = false;
        workplace.dispose();
      },
    };
  }
}

/** A report without what is another one with more workers. */
const decided = ({trials, ahead: _, ...report}: AutoPruneReport) => ({
  ...report,
  trials: trials.map((trial) => ({...trial, seconds: 0})),
});

async function search(args: Partial<AutoPruneArgs>) {
  const model = compiled();
  const given = {train: DATA.train(), validation: DATA.validation(), ...args};
  const {report} = await autoPrune(model, given as AutoPruneArgs);
  const end = weights(model);
  stripPruning(model);
  return {report, end};
}

beforeEach(() => {
  jest.spyOn(console, 'warn').mockImplementation(() => {});
});

afterEach(() => jest.restoreAllMocks());

describe.each<[string, Partial<AutoPruneArgs>]>([
  ['a drop', {maxDrop: 0.2, budget: {epochs: 15}}],
  ['a sparsity', {sparsity: 0.8, budget: {epochs: 12}}],
])('to %s', (_, goal) => {
  it('chooses the same, to the bit, whoever tries and whichever comes first', async () => {
    const alone = await search(goal);
    for (const [size, seed] of [
      [1, 1],
      [2, 2],
      [3, 3],
      [40, 4],
    ]) {
      const executor = new Dice(size, seed);
      const {report, end} = await search({...goal, executor});
      expect(decided(report)).toEqual(decided(alone.report));
      expect(end).toEqual(alone.end);
      expect(executor.isOpen).toBe(false);
      if (size > 1) {
        expect(executor.mostAtOnce).toBeGreaterThan(1);
      } else {
        expect(report.ahead).toEqual([]);
      }
      const tried = executor.done.flatMap((task) =>
        task.kind === 'trial' ? [task.candidate] : [],
      );
      expect(new Set(tried.map((each) => JSON.stringify(each))).size).toBe(tried.length);
      expect(tried.length).toBe(report.trials.length + report.ahead.length);
    }
  });
});

it('says which candidates nothing has asked for, and goes on from them', async () => {
  const goal = {maxDrop: 0.2, budget: {epochs: 15}};
  let text: string | null = null;
  const journal = {read: () => text, write: (given: string) => void (text = given)};
  const first = await search({...goal, journal, executor: new Dice(6, 1)});
  expect(first.report.ahead.length).toBeGreaterThan(0);
  const {entries, ahead} = JSON.parse(text!) as Record<'entries' | 'ahead', unknown[]>;
  expect(entries).toHaveLength(first.report.trials.length);
  expect(ahead).toHaveLength(first.report.ahead.length);
  // Those of which the journal says that nothing asked for them yet, come to be asked for.
  text = JSON.stringify({...JSON.parse(text!), entries: [], ahead: [...entries, ...ahead]});
  const executor = new Dice(6, 2);
  const second = await search({...goal, journal, executor});
  expect(decided(second.report)).toEqual(decided(first.report));
  expect(second.end).toEqual(first.end);
  expect(executor.done).toEqual([]);
});

it('takes a candidate that nobody survives for one that fails, and keeps it out of the journal', async () => {
  const goal = {maxDrop: 0.2, budget: {epochs: 15}};
  const alone = new Dice(1, 1);
  await search({...goal, executor: alone});
  const trials = alone.done.filter(({kind}) => kind === 'trial');
  const executor = new Dice(2, 1, (task) =>
    JSON.stringify(task) === JSON.stringify(trials[1]) ? 'killed' : undefined,
  );
  let text = '';
  const journal = {read: () => null, write: (given: string) => void (text = given)};
  const {report} = await search({...goal, executor, journal});
  expect(report.trials.map(({failed}) => failed).slice(0, 3)).toEqual([
    undefined,
    'killed',
    undefined,
  ]);
  expect(report.chosen.failed).toBeUndefined();
  expect(text).not.toContain('killed');
});

it('leaves the model as it was where a trial throws or onProgress says no', async () => {
  const model = compiled();
  const before = weights(model);
  const args = {train: DATA.train(), validation: DATA.validation(), maxDrop: 0.2};
  for (const [onProgress, expected] of [
    [() => false, {name: 'AbortError'}],
    [
      () => {
        throw new Error('enough');
      },
      {message: 'enough'},
    ],
  ] as const) {
    const executor = new Dice(3, 1);
    const stopped = autoPrune(model, {...args, executor, onProgress});
    await expect(stopped).rejects.toMatchObject(expected);
    expect(weights(model)).toEqual(before);
    expect(executor.isOpen).toBe(false);
  }
});

it('scans layers to the same numbers', async () => {
  const model = compiled();
  const data = DATA.validation();
  const before = weights(model);
  const alone = await sensitivity(model, data, {sparsities: [0.5, 0.9]});
  const executor = new Dice(3, 5);
  const told: number[] = [];
  const onProgress = ({done}: {done: number}) => void told.push(done);
  const many = await sensitivity(model, data, {sparsities: [0.5, 0.9], executor, onProgress});
  expect(many).toEqual(alone);
  expect(told).toEqual([1, 2, 3, 4]);
  expect(executor.mostAtOnce).toBe(4);
  expect(weights(model)).toEqual(before);
});

it('marks a measurement that nobody survives as failed, and goes on', async () => {
  const data = DATA.validation();
  const alone = await sensitivity(compiled(), data, {sparsities: [0.5, 0.9]});
  const isBad = (task: Task) =>
    task.kind === 'layer' && task.layer === 'wide' && task.sparsity === 0.9 ? 'killed' : undefined;
  const told: Array<string | undefined> = [];
  const result = await sensitivity(compiled(), data, {
    sparsities: [0.5, 0.9],
    executor: new Dice(3, 1, isBad),
    onProgress: ({failed}) => void told.push(failed),
  });
  const [wide, classes] = alone.layers;
  const failed = {sparsity: 0.9, metric: NaN, failed: 'killed'};
  expect(result).toEqual({
    ...alone,
    layers: [{...wide, points: [wide.points[0], failed]}, classes],
  });
  expect(told.filter((each) => each === 'killed')).toHaveLength(1);
  expect(sensitivitySvg(result)).toContain('<title>killed</title>');
  expect(sensitivitySvg(result)).not.toContain('NaN');
  const all = {executor: new Dice(3, 1, () => 'killed')};
  await expect(sensitivity(compiled(), data, all)).rejects.toThrow('killed');
});

it('searches without a measurement that nobody survives, but not without those of a layer', async () => {
  const goal = {sparsity: 0.8, budget: {epochs: 6}};
  const isBad = (least: number) => (task: Task) =>
    task.kind === 'layer' && task.layer === 'wide' && task.sparsity > least ? 'killed' : undefined;
  const {report} = await search({...goal, executor: new Dice(2, 1, isBad(0.95))});
  expect(report.sensitivity.layers[0].points.map(({failed}) => failed)).toEqual([
    ...Array(3).fill(undefined),
    'killed',
  ]);
  const none = search({...goal, executor: new Dice(2, 1, isBad(0))});
  await expect(none).rejects.toThrow("executor: expected workers that survive layer 'wide'");
});

it('refuses what is no executor, and criteria of your own that no worker knows', async () => {
  const model = compiled();
  const data = DATA.validation();
  await expect(sensitivity(model, data, {executor: {} as never})).rejects.toThrow('executor');
  const criterion = (weight: tf.Tensor) => tf.abs(weight);
  const own = sensitivity(model, data, {executor: new Dice(1, 1), criterion});
  await expect(own).rejects.toThrow('executor');
});
