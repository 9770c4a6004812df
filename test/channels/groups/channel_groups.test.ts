import {layers, sequential, type SymbolicTensor} from '@tensorflow/tfjs-layers';

import {channelGroups, type ChannelGroup} from '../../../lib/channels/groups/channel_groups';
import {maskChannels} from '../../../lib/channels/mask_channels';
import {maskOf} from '../../../lib/projection/mask';
import {around, groupOf} from '../../shrink/shrunk';

type T = SymbolicTensor;

const listed = ({members}: ChannelGroup) =>
  members.map(({name, axis, role, channels}) => [name, axis, role, channels.join(' ')]);

describe('channelGroups lists', () => {
  it('producers, followers and consumers, position by position', () => {
    const model = sequential({
      layers: [
        layers.conv2d({filters: 2, kernelSize: 1, inputShape: [1, 2, 3], name: 'c'}),
        layers.batchNormalization({name: 'n'}),
        layers.depthwiseConv2d({kernelSize: 1, depthMultiplier: 2, name: 'd'}),
        layers.flatten(),
        layers.dense({units: 2, name: 'out'}),
      ],
    });
    const [group, output] = channelGroups(model);
    expect([group.name, group.size, group.frozen]).toEqual(['c', 2, undefined]);
    expect(listed(group)).toEqual([
      ['c/kernel', 3, 'producer', '0 1'],
      ['c/bias', 0, 'offset', '0 1'],
      ['n/gamma', 0, 'scale', '0 1'],
      ['n/beta', 0, 'offset', '0 1'],
      ['n/moving_mean', 0, 'offset', '0 1'],
      ['n/moving_variance', 0, 'follower', '0 1'],
      ['d/depthwise_kernel', 2, 'depthwise', '0 1'],
      ['d/bias', 0, 'offset', '0 0 1 1'],
      ['out/kernel', 0, 'consumer', '0 0 1 1 0 0 1 1'],
    ]);
    expect(output.reasons).toEqual(Array(2).fill('an output of the model'));
  });

  it('a column in each gate of a recurrent layer', () => {
    const make = (x: T) =>
      layers.lstm({units: 2, name: 'r', recurrentInitializer: 'zeros'}).apply(x);
    expect(listed(groupOf(around([2, 3], make), 'r'))).toEqual([
      ['r/kernel', 1, 'producer', '0 1 0 1 0 1 0 1'],
      ['r/recurrent_kernel', 1, 'producer', '0 1 0 1 0 1 0 1'],
      ['r/bias', 0, 'offset', '0 1 0 1 0 1 0 1'],
      ['r/recurrent_kernel', 0, 'consumer', '0 1'],
      ['out/kernel', 0, 'consumer', '0 1'],
    ]);
  });

  it('positions of other groups as -1', () => {
    const model = around([3], (x) => {
      const [a, b] = ['a', 'b'].map((name) => layers.dense({units: 2, name}).apply(x) as T);
      return layers.concatenate().apply([a, b]);
    });
    expect(listed(groupOf(model, 'b')).pop()).toEqual(['out/kernel', 0, 'consumer', '-1 -1 0 1']);
  });

  it('layers whose channels are tied as one group', () => {
    const model = around([3], (x) => {
      const a = layers.dense({units: 2, name: 'a'}).apply(x) as T;
      const b = layers.dense({units: 2, name: 'b'}).apply(a) as T;
      return layers.add().apply([a, b]);
    });
    expect(channelGroups(model).map(({layers: names}) => names)).toEqual([['a', 'b'], ['out']]);
  });

  it('reasons by channel, where only some must stay', () => {
    const model = around([3], (x) => {
      const [a, b] = [2, 3].map((units, i) => layers.dense({units, name: 'ab'[i]}).apply(x) as T);
      const frozen = layers.layerNormalization({name: 'n'}).apply(a) as T;
      const sum = layers
        .add()
        .apply([
          layers.concatenate().apply([a, b]) as T,
          layers.dense({units: 5, name: 'c'}).apply(x) as T,
        ]);
      return layers.concatenate().apply([frozen, sum as T]);
    });
    const {reasons, frozen} = groupOf(model, 'c');
    const reason = "layer 'n' takes mean and variance over channels";
    expect(reasons).toEqual([reason, reason, undefined, undefined, undefined]);
    expect(frozen).toBeUndefined();
  });

  it('nothing for what is not a model', () => {
    expect(() => channelGroups(null as never)).toThrow('model: expected a tf.LayersModel');
  });
});

describe('maskChannels', () => {
  it('zeroes kernel, bias, gamma, beta and moving mean, and adds to other masks', async () => {
    const model = around([2], (x) =>
      layers.batchNormalization({name: 'n'}).apply(layers.dense({units: 3, name: 'p'}).apply(x)),
    );
    const group = groupOf(model, 'p');
    maskChannels(group, [0]);
    maskChannels(group, [2]);
    const masks = model.getLayer('p').weights.map((weight) => maskOf(weight)?.arraySync());
    expect(masks).toEqual([
      [
        [0, 1, 0],
        [0, 1, 0],
      ],
      [0, 1, 0],
    ]);
    const values = model
      .getLayer('n')
      .getWeights()
      .map((each) => Array.from(each.dataSync()));
    const zero = values.map((value) => value.map((each) => each === 0));
    expect(zero).toEqual([
      [true, false, true],
      [true, false, true],
      [true, false, true],
      [false, false, false],
    ]);
  });

  it.each([[3], [-1], [0.5]])('refuses channel %p of 3', (channel) => {
    const group = groupOf(
      around([2], (x) => layers.dense({units: 3, name: 'p'}).apply(x)),
      'p',
    );
    expect(() => maskChannels(group, [channel])).toThrow(
      `channels: expected indices of channels in [0, 3) of group 'p', but got ${channel}.`,
    );
  });
});
