import {serialization, zerosLike} from '@tensorflow/tfjs-core';
import {layers, sequential, type SymbolicTensor} from '@tensorflow/tfjs-layers';

import {ChannelPruner, NeuronPruner, shrink} from '../../../lib/index';
import {zeroSlices} from '../../../lib/projection/effective_weight';
import {Channels, registerChannelRule, type ChannelRule} from '../../../lib/rules';
import {data, QUIET} from '../../setup/models';
import {Linear} from '../../setup/own_layers';
import {around, groupOf, shrunk} from '../../shrink/shrunk';

/** Classes of their own, so that each test has its rule. */
class Filters extends Linear {
  static override readonly className: string = 'OwnFilters';
}
class Units extends Linear {
  static override readonly className: string = 'OwnUnits';
}
class Coupled extends Linear {
  static override readonly className: string = 'OwnCoupled';
}
class Silent extends Linear {
  static override readonly className: string = 'OwnSilent';
}
[Filters, Units, Coupled, Silent].forEach((each) => serialization.registerClass(each));

const rule =
  (kind?: 'filters' | 'units' | null, says = true): ChannelRule =>
  ({layer, inputs: [x], shapes: [shape], graph}) => {
    const {kernel} = layer as Linear;
    const ids = graph.fresh(kernel.shape[1] as number);
    graph.consume(layer, x, {variable: kernel, axis: 0});
    graph.bind(layer, kernel, 1, ids, 'producer', kind);
    graph.resize(layer, 'units', ids);
    const evaluate = () => {
      const fixed = zeroSlices(kernel, 1);
      return {fixed, value: zerosLike(fixed)};
    };
    return new Channels(shape, shape.length - 1, ids, says ? evaluate : undefined);
  };

beforeAll(() => {
  registerChannelRule('OwnUnits', rule());
  registerChannelRule('OwnFilters', rule('filters'));
  registerChannelRule('OwnCoupled', rule(null));
  registerChannelRule('OwnSilent', rule(undefined, false));
});

const half = {initialSparsity: 0.5, finalSparsity: 0.5, beginStep: 0, endStep: 0};

async function prunedBy(Pruner: typeof ChannelPruner | typeof NeuronPruner, Own: typeof Linear) {
  const {x, y} = data();
  const model = sequential({
    layers: [
      new Own({units: 6, name: 'own', inputShape: x.shape.slice(1)}),
      layers.dense({units: y.shape[1] as number, name: 'out'}),
    ],
  });
  model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
  await model.fit(x, y, {...QUIET, epochs: 1, callbacks: [new Pruner(half)]});
  return (await shrink(model)).getLayer('own').weights[0].shape[1];
}

describe('a rule for a layer with a kernel', () => {
  it('makes units that NeuronPruner prunes', async () => {
    expect(await prunedBy(NeuronPruner, Units)).toBe(3);
    await expect(prunedBy(ChannelPruner, Units)).rejects.toThrow('at least one layer');
  });

  it('may say that they are filters, which ChannelPruner prunes', async () => {
    expect(await prunedBy(ChannelPruner, Filters)).toBe(3);
    await expect(prunedBy(NeuronPruner, Filters)).rejects.toThrow('at least one layer');
  });

  it('may say that they are pruned only with others', async () => {
    await expect(prunedBy(NeuronPruner, Coupled)).rejects.toThrow('at least one layer');
    const model = around([3], (x) => {
      const y = new Coupled({units: 4, name: 'own'}).apply(x) as SymbolicTensor;
      return layers
        .add()
        .apply([y, layers.dense({units: 4, name: 'p'}).apply(x) as SymbolicTensor]);
    });
    expect(groupOf(model, 'own').layers).toEqual(['own', 'p']);
    await shrunk(model, {p: [1]});
  });

  it('keeps its channels under its own name where it does not say which are constant', () => {
    const model = around([3], (x) =>
      layers.dense({units: 2, name: 'next'}).apply(new Silent({units: 4, name: 'own'}).apply(x)),
    );
    expect(groupOf(model, 'own').frozen).toBe(
      "the channel rule of class OwnSilent does not say which channels of layer 'own' are " +
        'constant: the fourth argument of Channels',
    );
  });

  it('reads channels by consume, not by bind', () => {
    registerChannelRule('OwnSilent', ({layer, inputs: [x], shapes: [shape], graph}) => {
      graph.bind(layer, (layer as Linear).kernel, 0, x.ids, 'consumer' as never);
      return graph.frozen(shape, 'never');
    });
    const make = () => around([3], (x) => new Silent({units: 4, name: 'own'}).apply(x));
    expect(() => groupOf(make(), 'own')).toThrow(
      "role: expected consume(…) for a weight that reads channels, but got 'consumer'.",
    );
  });
});
