import {serialization} from '@tensorflow/tfjs-core';
import {
  input,
  layers,
  model as makeModel,
  sequential,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';

import {maskChannels} from '../../lib/channels/mask_channels';
import {ChannelPruner, NeuronPruner, sparsityReport, stripPruning} from '../../lib/index';
import {around, groupOf} from '../shrink/shrunk';

type T = SymbolicTensor;

const dense = (units: number, name: string) => layers.dense({units, name});

describe('the channels of a sparsityReport', () => {
  it('are zero where they are masked, and after stripPruning', async () => {
    const model = around([3], (x) => {
      const a = dense(4, 'a').apply(x) as T;
      return layers.add().apply([a, dense(4, 'b').apply(a) as T]);
    });
    maskChannels(groupOf(model, 'a'), [1, 3]);
    const [first, last] = (await sparsityReport(model)).channels;
    const zero = {size: 4, zero: [1, 3], sparsity: 0.5, frozen: undefined, kept: []};
    expect(first).toEqual({name: 'a', layers: ['a', 'b'], masked: true, ...zero});
    expect(last).toMatchObject({name: 'out', zero: [], masked: false});
    stripPruning(model);
    const [stripped] = (await sparsityReport(model)).channels;
    expect(stripped).toEqual({name: 'a', layers: ['a', 'b'], masked: false, ...zero});
  });

  it('are zero only where all coupled layers are', async () => {
    const model = around([3], (x) =>
      layers.add().apply(['a', 'b'].map((name) => dense(2, name).apply(x) as T)),
    );
    const [kernel] = model.getLayer('a').weights;
    maskChannels(groupOf(model, 'a'), [0]);
    stripPruning(model);
    const copy = around([3], (x) =>
      layers.add().apply(['a', 'b'].map((name) => dense(2, name).apply(x) as T)),
    );
    copy.getLayer('a').weights[0].write(kernel.read());
    expect((await sparsityReport(model)).channels[0].zero).toEqual([0]);
    expect((await sparsityReport(copy)).channels[0].zero).toEqual([]);
  });

  it('tell why they must stay: all of them', async () => {
    class Strange extends layers.Layer {
      static readonly className = 'Strange';
      override computeOutputShape(shape: number[]): number[] {
        return shape;
      }
    }
    serialization.registerClass(Strange);
    const model = around([3], (x) => {
      const inner = sequential({
        name: 'inner',
        layers: [layers.dense({units: 2, inputShape: [4], name: 'b'})],
      });
      return inner.apply(new Strange({name: 's'}).apply(dense(4, 'a').apply(x)));
    });
    const {channels} = await sparsityReport(model);
    expect(channels.map(({name, frozen, kept}) => [name, frozen, kept])).toEqual([
      [
        'a',
        "layer 's' is of class Strange, which has no channel rule; registerChannelRule('Strange', rule) adds one",
        [],
      ],
      ['inner/b', undefined, []],
      ['out', 'an output of the model', []],
    ]);
  });

  it('tell why they must stay: some of them', async () => {
    const x = input({shape: [3]});
    const a = dense(2, 'a').apply(x) as T;
    const both = layers.concatenate().apply([a, dense(3, 'b').apply(x) as T]) as T;
    const sum = layers.add().apply([both, dense(5, 'c').apply(x) as T]) as T;
    const model = makeModel({inputs: x, outputs: [a, dense(1, 'out').apply(sum) as T]});
    const {channels} = await sparsityReport(model);
    const reason = 'an output of the model';
    expect(channels[0]).toMatchObject({
      layers: ['a', 'b', 'c'],
      frozen: undefined,
      kept: [
        {channel: 0, reason},
        {channel: 1, reason},
      ],
    });
  });

  it('tell what is left of a layer that would lose all', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    // 'a' has the first channel, and 'b' the others.
    const model = around([3], (x) => {
      const both = layers
        .concatenate()
        .apply(['a', 'b'].map((name, i) => dense(1 + 2 * i, name).apply(x) as T));
      return layers.add().apply([both as T, dense(4, 'c').apply(x) as T]);
    });
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    const schedule = {initialSparsity: 0.9, finalSparsity: 0.9, beginStep: 0, endStep: 0};
    const pruner = new NeuronPruner(schedule);
    pruner.setModel(model);
    await pruner.onTrainBegin();
    await pruner.onTrainEnd();
    const [{zero, sparsity}] = (await sparsityReport(model)).channels;
    expect(zero).toHaveLength(2);
    expect(zero).not.toContain(0);
    expect(sparsity).toBe(0.5);
    expect(warn.mock.calls).toEqual([
      [
        'NeuronPruner: limits prevent the full sparsity. Pruned are 2 of 4 channels of ' +
          "'a', not 3 (minChannels).",
      ],
    ]);
    warn.mockRestore();
    const refused = new ChannelPruner(schedule);
    refused.setModel(model);
    await expect(refused.onTrainBegin()).rejects.toThrow(
      'at least one layer whose channels can be pruned',
    );
  });
});
