import * as tfl from '@tensorflow/tfjs-layers';

import {findWeights, partsOf} from '../../lib/model/layer_walk';

const {layers} = tfl;
const recurrent = {units: 2, recurrentInitializer: 'glorotUniform'} as const;

const found = (...list: tfl.layers.Layer[]) =>
  findWeights(tfl.sequential({layers: list}), (layer) => layer.weights.slice(0, 1));

describe('findWeights', () => {
  it('tells the layer that users know from the cell that has made a weight', () => {
    const lstm = layers.lstm({...recurrent, name: 'l', inputShape: [3, 4]}) as tfl.RNN;
    const [weight] = found(lstm);
    expect(weight.name).toBe('l/kernel');
    expect(weight.layer).toBe(lstm);
    expect(weight.maker).toBe(lstm.cell);
    expect(weight.variable).toBe(lstm.weights[0]);
    expect(weight.paths).toEqual(['l', `l/${(lstm.cell as tfl.layers.Layer).name}`]);
  });

  it('names stacked cells', () => {
    const cell = [
      layers.lstmCell({...recurrent, name: 'one'}),
      layers.gruCell({...recurrent, name: 'two'}),
    ];
    const weights = found(layers.rnn({cell, name: 'r', inputShape: [3, 4]}) as tfl.layers.Layer);
    expect(weights.map(({name}) => name.split('/').at(-2))).toEqual(['one', 'two']);
    expect(weights.map(({maker}) => maker)).toEqual(cell);
  });

  it('gives the path of its layer', () => {
    const layer = layers.dense({units: 2, name: 'd'});
    const [weight] = found(layers.timeDistributed({layer, name: 't', inputShape: [3, 4]}));
    expect(weight.paths).toEqual(['t/d']);
  });

  it('finds a shared layer once, under both its paths', () => {
    const shared = layers.dense({units: 2, name: 'd', inputShape: [2]});
    const inner = tfl.sequential({name: 'inner', layers: [shared]});
    const input = tfl.input({shape: [2]});
    const output = shared.apply(inner.apply(input)) as tfl.SymbolicTensor;
    const model = tfl.model({inputs: input, outputs: output});
    const weights = findWeights(model, (layer) => layer.weights.slice(0, 1));
    expect(weights).toHaveLength(1);
    expect(weights[0].paths).toEqual(['inner/d', 'd']);
  });
});

describe('partsOf', () => {
  it('are the two directions of a Bidirectional, and not what they were copied from', () => {
    const layer = layers.lstm({...recurrent, name: 'l'}) as tfl.RNN;
    const both = layers.bidirectional({layer, name: 'b', inputShape: [3, 4]});
    tfl.sequential({layers: [both]});
    expect(partsOf(both as tfl.layers.Layer).map(({name}) => name)).toEqual([
      'forward_l',
      'backward_l',
    ]);
  });

  it('are none of a plain layer', () => {
    expect(partsOf(layers.dense({units: 2}))).toEqual([]);
  });
});
