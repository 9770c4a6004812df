import type {StoredModel} from '../../lib/cli/model_file';
import {knownPreprocessing, prepare, preprocessingOf} from '../../lib/cli/preprocessing';

const known = (config: unknown, kind: StoredModel['kind'] = 'layers') =>
  knownPreprocessing({
    kind,
    artifacts: {modelTopology: {model_config: {config}}},
  } as unknown as StoredModel);

const bytes = (preprocessing: Parameters<typeof prepare>[2], channels = 3) => {
  const values = Float32Array.of(0, 51, 255);
  prepare(values, channels, preprocessing);
  return [...values].map((value) => Number(value.toFixed(4)));
};

const PLAIN = known({name: 'sequential', layers: []});

describe('prepare', () => {
  it.each([
    ['nothing said', {}, [0, 0.2, 1]],
    ['a range', {range: [-1, 1]}, [-1, -0.6, 1]],
    ['bytes as they are', {range: [0, 255]}, [0, 51, 255]],
    ['one mean and deviation', {mean: [0.5], std: [0.5]}, [-1, -0.6, 1]],
    ['those of channels', {mean: [0, 0.2, 0.5], std: [1, 1, 0.25]}, [0, 0, 2]],
    ['blue first', {bgr: true}, [1, 0.2, 0]],
  ])('%s', (_, options, expected) => {
    expect(bytes(preprocessingOf(options, PLAIN))).toEqual(expected);
  });

  it('refuses a list that has not as many numbers as there are channels', () => {
    const {range, std, isBgr} = PLAIN;
    expect(() => bytes({range, std, isBgr, mean: [1, 2]})).toThrow(
      "--mean: expected one number, or 3 for the channels, but got '1,2'.",
    );
  });
});

describe('knownPreprocessing', () => {
  it.each([
    ['mobilenetv2_1.00_224', [-1, -0.6, 1]],
    ['densenet121', [-2.1179, -1.1429, 2.64]],
    ['resnet50', [151.061, -65.779, -123.68]],
    ['resnet50v2', [-1, -0.6, 1]],
    ['efficientnetb0', [0, 51, 255]],
    ['model_1', [0, 0.2, 1]],
  ])('takes %s for what it is called', (name, expected) => {
    expect(bytes(known({name, layers: []}))).toEqual(expected);
  });

  it('leaves bytes to a model that scales them itself', () => {
    const layers = [{class_name: 'InputLayer'}, {class_name: 'Rescaling'}];
    expect(bytes(known({name: 'mine', layers}))).toEqual([0, 51, 255]);
  });

  it('scales to [0, 1] for graphs, and for topologies of any kind', () => {
    expect(bytes(known({name: 'resnet50', layers: []}, 'graph'))).toEqual([0, 0.2, 1]);
    [undefined, null, [], 'x', {layers: 3}].forEach((config) => {
      expect(bytes(known(config))).toEqual([0, 0.2, 1]);
    });
  });

  it('is replaced as a whole where options say something else', () => {
    const caffe = known({name: 'vgg16', layers: []});
    expect(bytes(preprocessingOf({range: [-1, 1]}, caffe))).toEqual([-1, -0.6, 1]);
    expect(preprocessingOf({}, caffe)).toEqual(caffe);
  });
});

test.each([
  [{range: [1]}, "--range: expected two numbers such as -1,1, but got '1'."],
  [{range: [1, 0]}, "--range: expected two numbers such as -1,1, but got '1,0'."],
  [{std: [0]}, "--std: expected numbers above 0, but got '0'."],
])('preprocessingOf refuses %j', (options, message) => {
  expect(() => preprocessingOf(options, PLAIN)).toThrow(message);
});
