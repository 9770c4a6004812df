/**
 * One small model as each Keras writes it: convolution, batch normalization,
 * pooling, flatten, dense, of which only what the versions differ in varies.
 */

type Json = Record<string, unknown>;

/** How a Keras writes what others write in another way. */
interface Dialect {
  readonly version: string;
  /** The axis of a batch normalization of images. */
  readonly axis: number | readonly number[];
  /** Sequential models as a bare list of layers. */
  readonly isList?: boolean;
  /** Whether there is an `InputLayer`, or the first layer has the shape. */
  readonly hasInput: boolean;
  /** What it adds to each layer, beside its configuration. */
  readonly around?: Json;
  /** What it adds to each configuration. */
  readonly common: Json;
  /** What it adds to a convolution. */
  readonly convolution?: Json;
}

const initializer = {
  class_name: 'VarianceScaling',
  config: {scale: 1, mode: 'fan_avg', distribution: 'uniform', seed: null},
};
const registry = {module: 'keras.layers', registered_name: null};
const dtype = {dtype: 'float32'};
const groups = {groups: 1};

export const DIALECTS: readonly Dialect[] = [
  {version: '2.2.0', axis: -1, isList: true, hasInput: false, common: {}},
  {version: '2.2.4', axis: -1, hasInput: false, common: {}},
  {version: '2.3.1', axis: -1, hasInput: false, common: dtype},
  {version: '2.2.4-tf', axis: [3], hasInput: false, common: dtype},
  {version: '2.3.0-tf', axis: [3], hasInput: false, common: dtype},
  {version: '2.4.0', axis: [3], hasInput: true, common: dtype, convolution: groups},
  ...['2.5.0', '2.6.0', '2.7.0', '2.8.0', '2.9.0', '2.10.0', '2.11.0', '2.12.0'].map(
    (version): Dialect => ({
      version,
      axis: [3],
      hasInput: true,
      common: dtype,
      convolution: groups,
    }),
  ),
  ...['2.13.1', '2.14.0', '2.15.0'].map((version): Dialect => ({
    version,
    axis: [3],
    hasInput: true,
    around: {...registry, build_config: {input_shape: [null, 8, 8, 3]}},
    common: dtype,
    convolution: groups,
  })),
  {
    version: '3.5.0',
    axis: -1,
    hasInput: true,
    around: {...registry, build_config: {input_shape: [null, 8, 8, 3]}},
    // As it has to be for tfjs, which reads neither `batch_shape` nor the
    // policy {class_name: 'DTypePolicy', …} that Keras 3 writes.
    common: dtype,
    convolution: groups,
  },
];

/** The topology of the model, as in a `model.json`. */
export function topologyOf(dialect: Dialect): Json {
  const {version, axis, isList, hasInput, around = {}, common, convolution = {}} = dialect;
  const shape = {batch_input_shape: [null, 8, 8, 3]};
  const layer = (class_name: string, name: string, config: Json) => ({
    class_name,
    config: {name, trainable: true, ...common, ...config},
    ...around,
  });
  const layers = [
    ...(hasInput
      ? [{class_name: 'InputLayer', config: {...shape, ...dtype, sparse: false, name: 'input'}}]
      : []),
    layer('Conv2D', 'conv', {
      ...(hasInput ? {} : shape),
      ...convolution,
      filters: 4,
      kernel_size: [3, 3],
      strides: [2, 2],
      padding: 'same',
      data_format: 'channels_last',
      dilation_rate: [1, 1],
      activation: 'linear',
      use_bias: false,
      kernel_initializer: initializer,
      kernel_regularizer: null,
    }),
    layer('BatchNormalization', 'norm', {
      axis,
      momentum: 0.99,
      epsilon: 0.001,
      center: true,
      scale: true,
    }),
    layer('Activation', 'relu', {activation: 'relu'}),
    layer('MaxPooling2D', 'pool', {
      pool_size: [2, 2],
      padding: 'valid',
      strides: [2, 2],
      data_format: 'channels_last',
    }),
    layer('Flatten', 'flat', {data_format: 'channels_last'}),
    layer('Dense', 'dense', {
      units: 2,
      activation: 'softmax',
      use_bias: true,
      kernel_initializer: initializer,
    }),
  ];
  return {
    class_name: 'Sequential',
    config: isList ? layers : {name: 'sequential', layers},
    keras_version: version,
    backend: 'tensorflow',
  };
}
