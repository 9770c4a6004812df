import {mul, ones, tensor, tensor1d, tidy} from '@tensorflow/tfjs-core';
import {layers, type SymbolicTensor} from '@tensorflow/tfjs-layers';
import fc from 'fast-check';

import {maskChannels} from '../../lib/channels/mask_channels';
import {weightsOf} from '../../lib/model/layer_tree';
import {readWeight} from '../../lib/model/read_weight';
import {setMask} from '../../lib/projection/mask';
import {around, groupOf, shrunk, shrunkAsIs} from './shrunk';

type T = SymbolicTensor;
type Layer = layers.Layer;

const glorot = {recurrentInitializer: 'glorotNormal'} as const;
const args = {units: 4, name: 'p', ...glorot};
const RECURRENT: Array<[string, number[], () => Layer]> = [
  ['SimpleRNN', [4, 3], () => layers.simpleRNN(args)],
  ['LSTM', [4, 3], () => layers.lstm(args)],
  ['GRU', [4, 3], () => layers.gru(args)],
  ['RNN', [4, 3], () => layers.rnn({cell: layers.gruCell({units: 4, ...glorot}), name: 'p'})],
  [
    'Bidirectional',
    [4, 3],
    () => layers.bidirectional({layer: layers.lstm(args) as never, mergeMode: 'sum', name: 'b'}),
  ],
  [
    'ConvLSTM2D',
    [3, 4, 4, 2],
    () => layers.convLstm2d({filters: 4, kernelSize: 2, name: 'p', ...glorot}) as Layer,
  ],
];

/** Sets single positions of each weight whose name ends in `name` to zero. */
function clear(model: ReturnType<typeof around>, name: string, positions: readonly number[]) {
  for (const variable of weightsOf(model).filter(({originalName}) => originalName.endsWith(name))) {
    tidy(() => {
      const values = readWeight(variable).arraySync() as number[];
      positions.forEach((position) => (values[position] = 0));
      readWeight(variable).assign(tensor(values));
    });
  }
}

describe.each(RECURRENT)('%s', (_name, shape, make) => {
  it('keeps units that its other units read, though a gamma of 0 makes them constant', async () => {
    const model = around(shape, (x) =>
      layers.batchNormalization({name: 'n'}).apply(make().apply(x) as T),
    );
    clear(model, 'gamma', [0, 2]);
    const {report} = await shrunkAsIs(model);
    expect(report.groups[0].removed).toEqual([]);
  });

  it('keeps units that its other units read, though a dead gate silences them', async () => {
    const model = around(shape, (x) => {
      const gate = layers.dense({units: 4, name: 'g'}).apply(layers.flatten().apply(x)) as T;
      const y = make().apply(x) as T;
      const ones = y.shape.slice(1, -1).map(() => 1);
      return layers
        .multiply()
        .apply([y, layers.reshape({targetShape: [...ones, 4]}).apply(gate) as T]);
    });
    for (const variable of model.getLayer('g').weights) {
      const shape = variable.shape as number[];
      const mask = tidy(() => mul(ones(shape), tensor1d([0, 1, 0, 1])));
      setMask(variable, mask);
    }
    const {report} = await shrunkAsIs(model);
    expect(report.groups.flatMap(({removed}) => removed)).toEqual([]);
  });

  it('still loses units that nothing makes', async () => {
    const model = around(shape, (x) =>
      layers.batchNormalization({name: 'n'}).apply(make().apply(x) as T),
    );
    const name = groupOf(model, /^b/.test(make().name) ? 'b/forward_p' : 'p').name;
    const {report} = await shrunk(model, {[name]: [1, 3]});
    expect(report.groups[0].removed).toEqual([1, 3]);
  });
});

it('computes the same, whichever weights of a unit are zero', async () => {
  const choices = fc.record({
    at: fc.nat(RECURRENT.length - 1),
    roles: fc.subarray(['producer', 'scale', 'offset'] as const),
    channels: fc.subarray([0, 1, 2, 3]),
  });
  await fc.assert(
    fc.asyncProperty(choices, async ({at, roles, channels}) => {
      const [, shape, make] = RECURRENT[at];
      const model = around(shape, (x) =>
        layers.batchNormalization({name: 'n'}).apply(make().apply(x) as T),
      );
      const name = at === 4 ? 'b/forward_p' : 'p';
      const group = groupOf(model, name);
      const members = group.members.filter(({role}) => roles.some((each) => each === role));
      maskChannels({...group, members}, channels);
      await shrunkAsIs(model);
    }),
    {numRuns: 40},
  );
});
