import * as tfl from '@tensorflow/tfjs-layers';

import {PruningError} from '../../../lib';
import {OptimizerCallback} from '../../../lib/callbacks/base/optimizer_callback';
import {QUIET, data, hooked, mlp, probe, state, train} from '../../setup/models';

/** Notes what the base class calls. */
class Recorder extends OptimizerCallback {
  readonly calls: [string, number][] = [];
  refuses = false;

  protected override begin(_model: tfl.LayersModel, step: number): void {
    if (this.refuses) {
      throw new Error('refused');
    }
    this.calls.push(['begin', step]);
  }
  protected override afterStep(step: number): void {
    this.calls.push(['step', step]);
  }
  protected override end(step: number): void {
    this.calls.push(['end', step]);
  }

  steps(): number[] {
    return this.calls.filter(([name]) => name === 'step').map(([, step]) => step);
  }
}

it('begins, follows each optimizer step, and ends', async () => {
  const model = mlp();
  const {x, y} = data();
  const recorder = new Recorder();
  await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [recorder]});
  expect(recorder.calls).toEqual([
    ['begin', 0],
    ['step', 1],
    ['step', 2],
    ['step', 3],
    ['step', 4],
    ['end', 4],
  ]);
  expect(hooked(model)).toBe(false);
});

it('counts on in a second fit', async () => {
  const model = mlp();
  const {x, y} = data();
  const recorder = new Recorder();
  await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [recorder]});
  await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [recorder]});
  expect(recorder.calls[6]).toEqual(['begin', 4]);
  expect(recorder.steps()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  expect(recorder.calls.at(-1)).toEqual(['end', 8]);
});

it('acts before validation', async () => {
  const model = mlp();
  const {x, y} = data();
  const order: string[] = [];
  class Order extends Recorder {
    protected override afterStep(): void {
      order.push('step');
    }
  }
  const inner: Record<string, unknown> = Reflect.get(model, 'model');
  const validate = inner.testLoop as (...args: unknown[]) => unknown;
  inner.testLoop = (...args: unknown[]) => {
    order.push('validation');
    return validate.apply(inner, args);
  };
  const callbacks = [new Order(), probe({onBatchEnd: async () => void order.push('batch end')})];
  await model.fit(x, y, {batchSize: 20, epochs: 1, verbose: 0, validationData: [x, y], callbacks});
  expect(order).toEqual(['step', 'batch end', 'step', 'validation', 'batch end']);
});

it('works by hand', async () => {
  const model = mlp();
  const recorder = new Recorder();
  recorder.setModel(model);
  await recorder.onTrainBegin();
  await train(model, 2);
  await recorder.onTrainEnd();
  await train(model, 1);
  expect(recorder.calls).toEqual([
    ['begin', 0],
    ['step', 1],
    ['step', 2],
    ['end', 2],
  ]);
  expect(hooked(model)).toBe(false);
});

it('works by hand after a fit', async () => {
  const model = mlp();
  const {x, y} = data();
  await model.fit(x, y, {...QUIET, epochs: 1});
  const recorder = new Recorder();
  recorder.setModel(model);
  await recorder.onTrainBegin();
  await train(model, 2);
  await recorder.onTrainEnd();
  expect(recorder.steps()).toEqual([5, 6]);
});

it('is called once a step where it began twice', async () => {
  const model = mlp();
  const recorder = new Recorder();
  recorder.setModel(model);
  await recorder.onTrainBegin();
  await recorder.onTrainBegin();
  await train(model, 1);
  expect(recorder.steps()).toEqual([1]);
  await recorder.onTrainEnd();
  expect(hooked(model)).toBe(false);
});

it('follows the optimizer that a recompile has brought', async () => {
  const model = mlp();
  const {x, y} = data();
  const recorder = new Recorder();
  await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [recorder]});
  model.compile({optimizer: 'adam', loss: 'meanSquaredError'});
  await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [recorder]});
  expect(recorder.steps()).toEqual([1, 2, 3, 4, 1, 2, 3, 4]);
});

describe('after a fit that threw', () => {
  async function thrown(): Promise<{model: tfl.Sequential; recorder: Recorder}> {
    const model = mlp();
    const {x, y} = data();
    const recorder = new Recorder();
    const onBatchEnd = async () => {
      throw new Error('stop');
    };
    const callbacks = [recorder, probe({onBatchEnd})];
    await expect(model.fit(x, y, {...QUIET, epochs: 1, callbacks})).rejects.toThrow('stop');
    expect(recorder.steps()).toEqual([1]);
    return {model, recorder};
  }

  it('it is called once a step in the next fit', async () => {
    const {model, recorder} = await thrown();
    const {x, y} = data();
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [recorder]});
    expect(recorder.steps()).toEqual([1, 2, 3, 4, 5]);
    expect(hooked(model)).toBe(false);
  });

  it('it is not called in a fit without it', async () => {
    const {model, recorder} = await thrown();
    const {x, y} = data();
    await model.fit(x, y, {...QUIET, epochs: 1});
    expect(recorder.steps()).toEqual([1]);
    expect(hooked(model)).toBe(false);
  });

  it('it is not called in a loop of trainOnBatch without it', async () => {
    const {model, recorder} = await thrown();
    await train(model, 2);
    expect(recorder.steps()).toEqual([1]);
    expect(hooked(model)).toBe(false);
  });

  it('it does not keep another of the same model from working', async () => {
    const {model, recorder} = await thrown();
    const {x, y} = data();
    const second = new Recorder();
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [second]});
    expect(recorder.steps()).toEqual([1]);
    expect(second.steps()).toEqual([2, 3, 4, 5]);
    expect(hooked(model)).toBe(false);
  });
});

describe('refuses', () => {
  it('to begin without a model', async () => {
    const begin = new Recorder().onTrainBegin();
    await expect(begin).rejects.toThrow(PruningError);
    await expect(new Recorder().onTrainBegin()).rejects.toThrow(
      'model: expected setModel(model) before onTrainBegin(), but got null.',
    );
  });

  it.each<[string, () => tfl.LayersModel]>([
    [
      'Sequential',
      () =>
        tfl.sequential({
          name: 'raw',
          layers: [tfl.layers.dense({units: 1, inputShape: [2]})],
        }),
    ],
    [
      'functional',
      () => {
        const input = tfl.input({shape: [2]});
        const outputs = tfl.layers.dense({units: 1}).apply(input) as tfl.SymbolicTensor;
        return tfl.model({name: 'raw', inputs: input, outputs});
      },
    ],
  ])('a %s model that is not compiled', async (_name, build) => {
    const model = build();
    const before = state(model);
    const recorder = new Recorder();
    recorder.setModel(model);
    await expect(recorder.onTrainBegin()).rejects.toThrow(PruningError);
    await expect(recorder.onTrainBegin()).rejects.toThrow(
      "model: expected a compiled model, but got 'raw' without an optimizer.",
    );
    expect(recorder.calls).toEqual([]);
    expect(state(model)).toEqual(before);
  });

  it('without holding the optimizer, where begin refuses', async () => {
    const model = mlp();
    const {x, y} = data();
    const recorder = new Recorder();
    recorder.refuses = true;
    const before = state(model);
    const fit = model.fit(x, y, {...QUIET, epochs: 1, callbacks: [recorder]});
    await expect(fit).rejects.toThrow('refused');
    expect(state(model)).toEqual(before);
    recorder.refuses = false;
    await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [recorder]});
    expect(recorder.steps()).toEqual([1, 2, 3, 4]);
  });
});

describe('in a browser', () => {
  it.each([
    ['yields where 125 ms have passed', 126, true],
    ['does not yield before', 100, false],
  ])('%s', async (_name, passed, yields) => {
    const model = mlp();
    const now = jest.spyOn(Date, 'now').mockReturnValue(1000);
    const recorder = new Recorder();
    recorder.setModel(model);
    await recorder.onTrainBegin();
    now.mockReturnValue(1000 + passed);
    let yielded = false;
    setImmediate(() => (yielded = true));
    await recorder.onBatchEnd(0);
    expect(yielded).toBe(yields);
    await new Promise(setImmediate);
    now.mockReturnValue(1000 + passed + 1);
    yielded = false;
    setImmediate(() => (yielded = true));
    await recorder.onBatchEnd(1);
    expect(yielded).toBe(false);
    now.mockRestore();
    await recorder.onTrainEnd();
  });
});
