import {layers, type LayersModel, models} from '@tensorflow/tfjs-layers';

import {
  activationOf,
  axesOf,
  axisOf,
  channelAxis,
  dotAxes,
  epsilonOf,
  isPadded,
  targetShapeOf,
  windowOf,
} from '../../lib/model/layer_settings';
import {weightsOf} from '../../lib/model/layer_tree';
import {readWeight} from '../../lib/model/read_weight';
import {foldNormalization} from '../../lib/shrink/fold_normalization';
import {recalibrateNormalization} from '../../lib/shrink/recalibrate_normalization';
import {randomInputs, randomizeWeights} from '../shrink/random_model';
import {shrunk, shrunkAsIs} from '../shrink/shrunk';
import {DIALECTS, topologyOf} from './keras_configs';

type Layer = layers.Layer;

async function load(dialect: (typeof DIALECTS)[number]): Promise<LayersModel> {
  const model = await models.modelFromJSON({modelTopology: topologyOf(dialect) as never});
  randomizeWeights(model, 3);
  return model;
}

describe.each(DIALECTS.map((dialect) => [dialect.version, dialect] as const))(
  'a model as Keras %s writes it',
  (_version, dialect) => {
    it('is read in one form', async () => {
      const model = await load(dialect);
      const [conv, norm, relu, pool] = ['conv', 'norm', 'relu', 'pool'].map((name) =>
        model.getLayer(name),
      );
      expect(windowOf(conv, 'kernelSize', 2)).toEqual([3, 3]);
      expect(windowOf(conv, 'strides', 2)).toEqual([2, 2]);
      expect(windowOf(conv, 'dilationRate', 2)).toEqual([1, 1]);
      expect(isPadded(conv)).toBe(true);
      expect(channelAxis(conv, 4)).toBe(3);
      expect(axisOf(norm, 4)).toBe(3);
      expect(epsilonOf(norm)).toBe(0.001);
      expect(activationOf(relu)?.getClassName()).toBe('relu');
      expect(windowOf(pool, 'poolSize', 2)).toEqual([2, 2]);
      expect(windowOf(pool, 'strides', 2)).toEqual([2, 2]);
      expect(isPadded(pool)).toBe(false);
    });

    it('shrinks, folds and is recalibrated', async () => {
      const {smaller, shapes} = await shrunk(await load(dialect), {conv: [1, 2]});
      expect(shapes['conv/kernel']).toEqual([3, 3, 3, 2]);
      expect(shapes['norm/gamma']).toEqual([2]);
      const folded = foldNormalization(smaller);
      expect(folded.layers.map((layer) => layer.getClassName())).not.toContain(
        'BatchNormalization',
      );
      await shrunkAsIs(folded);
      const [x] = randomInputs(smaller, 5);
      const find = () =>
        weightsOf(smaller).find(({originalName}) => /moving_mean/.test(originalName))!;
      const before = await readWeight(find()).data();
      await recalibrateNormalization(smaller, {x});
      expect(await readWeight(find()).data()).not.toEqual(before);
    });
  },
);

/** A layer with fields as a configuration of any kind leaves them. */
function made(fields: Record<string, unknown>): Layer {
  return Object.assign(layers.activation({activation: 'relu'}), fields);
}

describe('the settings of a layer', () => {
  it.each([
    [{axis: -1}, 3],
    [{axis: 3}, 3],
    [{axis: [3]}, 3],
    [{axis: [-1]}, 3],
    [{axis: [1]}, 1],
    [{axis: -3}, 1],
    [{axis: null}, 3],
    [{}, 3],
  ])('has for %j the axis %d of 4', (fields, expected) => {
    expect(axisOf(made(fields), 4)).toBe(expected);
  });

  it('may work along several axes, which are not one', () => {
    const layer = made({axis: [1, -1], name: 'norm'});
    expect(axesOf(layer, 4)).toEqual([1, 3]);
    expect(() => axisOf(layer, 4)).toThrow(
      "axis of layer 'norm': expected one axis, but got [1,3]",
    );
  });

  it.each([
    [{axes: -1}, [2, 1]],
    [{axes: [-1]}, [2, 1]],
    [{axes: [2, 1]}, [2, 1]],
    [{axes: [1, -1]}, [1, 1]],
  ])('sums with %j over the axes %j of ranks 3 and 2', (fields, expected) => {
    expect(dotAxes(made(fields), [3, 2])).toEqual(expected);
  });

  it.each([
    [{dataFormat: 'channelsFirst'}, 1],
    [{dataFormat: 'channels_first'}, 1],
    [{data_format: 'channels_first'}, 1],
    [{dataFormat: 'channelsLast'}, 3],
    [{dataFormat: null}, 3],
    [{}, 3],
  ])('has for %j the channels on axis %d', (fields, expected) => {
    expect(channelAxis(made(fields), 4)).toBe(expected);
  });

  it.each([
    [{kernelSize: 3}, 'kernelSize', [3, 3]],
    [{kernelSize: [3]}, 'kernelSize', [3, 3]],
    [{kernel_size: [3, 5]}, 'kernelSize', [3, 5]],
    [{strides: 2}, 'strides', [2, 2]],
    [{strides: null}, 'strides', [1, 1]],
    [{poolSize: 3, strides: null}, 'strides', [3, 3]],
    [{pool_size: [4, 1]}, 'strides', [4, 1]],
    [{}, 'poolSize', [2, 2]],
    [{}, 'dilationRate', [1, 1]],
  ] as const)('has in %j as %s %j', (fields, name, expected) => {
    expect(windowOf(made(fields), name, 2)).toEqual(expected);
  });

  it.each([
    [{targetShape: [-1, 4]}, [null, 4]],
    [{target_shape: [2, null]}, [2, null]],
  ])('has in %j the target %j', (fields, expected) => {
    expect(targetShapeOf(made(fields))).toEqual(expected);
  });
});
