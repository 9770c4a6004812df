import type {Page} from 'playwright-core';

/** Files as a visitor chooses them. */
export interface ChosenFile {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

interface Spec {
  name: string;
  shape: number[];
}

const CHANNELS = 16;
const CLASSES = 5;
const SIDE = 8;

/** A convolution, a mean and a dense layer. */
export function layersModel(): ChosenFile[] {
  const layers = [
    {
      class_name: 'Conv2D',
      config: {
        name: 'conv',
        filters: CHANNELS,
        kernel_size: [3, 3],
        activation: 'relu',
        batch_input_shape: [null, SIDE, SIDE, 3],
      },
    },
    {class_name: 'GlobalAveragePooling2D', config: {name: 'mean'}},
    {class_name: 'Dense', config: {name: 'out', units: CLASSES, activation: 'softmax'}},
  ];
  const config = {name: 'visitor', layers};
  return filesOf({class_name: 'Sequential', config}, 'layers-model', [
    {name: 'conv/kernel', shape: [3, 3, 3, CHANNELS]},
    {name: 'conv/bias', shape: [CHANNELS]},
    {name: 'out/kernel', shape: [CHANNELS, CLASSES]},
    {name: 'out/bias', shape: [CLASSES]},
  ]);
}

/** As a converter names its files: several for one model. */
export function sharded([model, {buffer}]: readonly ChosenFile[], count: number): ChosenFile[] {
  const size = Math.ceil(buffer.length / count);
  const shards = Array.from({length: count}, (_, i) => ({
    name: `group1-shard${i + 1}of${count}.bin`,
    mimeType: '',
    buffer: buffer.subarray(i * size, (i + 1) * size),
  }));
  const json = JSON.parse(model.buffer.toString()) as {weightsManifest: {paths: string[]}[]};
  json.weightsManifest[0].paths = shards.map(({name}) => name);
  return [{...model, buffer: Buffer.from(JSON.stringify(json))}, ...shards];
}

/** As many convolutions of `side` x `side` one after the other, with long names. */
export function deepModel(depth: number, side: number): ChosenFile[] {
  const names = Array.from(
    {length: depth},
    (_, i) => `features_block_${i}_convolution_of_the_body`,
  );
  const convolutions = names.map((name, i) => ({
    class_name: 'Conv2D',
    config: {
      name,
      filters: CHANNELS,
      kernel_size: [side, side],
      padding: 'same',
      activation: 'relu',
      ...(i === 0 ? {batch_input_shape: [null, SIDE, SIDE, 3]} : {}),
    },
  }));
  const layers = [
    ...convolutions,
    {class_name: 'GlobalAveragePooling2D', config: {name: 'mean'}},
    {class_name: 'Dense', config: {name: 'out', units: CLASSES, activation: 'softmax'}},
  ];
  const config = {name: 'deep', layers};
  return filesOf({class_name: 'Sequential', config}, 'layers-model', [
    ...names.flatMap((name, i) => [
      {name: `${name}/kernel`, shape: [side, side, i === 0 ? 3 : CHANNELS, CHANNELS]},
      {name: `${name}/bias`, shape: [CHANNELS]},
    ]),
    {name: 'out/kernel', shape: [CHANNELS, CLASSES]},
    {name: 'out/bias', shape: [CLASSES]},
  ]);
}

/** A convolution and a product; takes `batch` images of integers at a time, or any of floats. */
export function graphModel(batch = -1): ChosenFile[] {
  const float = {type: 'DT_FLOAT'};
  const integer = {type: 'DT_INT32'};
  const pixels = batch === -1 ? float : integer;
  const size = [batch, SIDE, SIDE, 3].map((each) => ({size: String(each)}));
  const base64 = (text: string) => ({s: Buffer.from(text).toString('base64')});
  const constant = (name: string) => ({name, op: 'Const', attr: {dtype: float}});
  const features = (SIDE - 2) ** 2 * CHANNELS;
  const node = [
    {name: 'x', op: 'Placeholder', attr: {dtype: pixels, shape: {shape: {dim: size}}}},
    {name: 'floats', op: 'Cast', input: ['x'], attr: {SrcT: pixels, DstT: float}},
    ...['kernel', 'dense'].map(constant),
    {name: 'shape', op: 'Const', attr: {dtype: integer}},
    {
      name: 'conv',
      op: 'Conv2D',
      input: ['floats', 'kernel'],
      attr: {
        T: float,
        strides: {list: {i: ['1', '1', '1', '1']}},
        dilations: {list: {i: ['1', '1', '1', '1']}},
        padding: base64('VALID'),
        data_format: base64('NHWC'),
      },
    },
    {name: 'relu', op: 'Relu', input: ['conv'], attr: {T: float}},
    {name: 'flat', op: 'Reshape', input: ['relu', 'shape'], attr: {T: float}},
    {name: 'product', op: 'MatMul', input: ['flat', 'dense'], attr: {T: float}},
    {name: 'out', op: 'Softmax', input: ['product'], attr: {T: float}},
  ];
  return filesOf(
    {node, versions: {producer: 1}},
    'graph-model',
    [
      {name: 'kernel', shape: [3, 3, 3, CHANNELS]},
      {name: 'dense', shape: [features, CLASSES]},
      {name: 'shape', shape: [2]},
    ],
    {shape: [-1, features]},
  );
}

/** A model with seeded weights, or `integers` of these names. */
function filesOf(
  modelTopology: object,
  format: string,
  specs: Spec[],
  integers: Record<string, number[]> = {},
): ChosenFile[] {
  const weights = specs.map((spec) => ({
    ...spec,
    dtype: spec.name in integers ? 'int32' : 'float32',
  }));
  let seed = 1;
  const random = () => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647 - 0.5;
  };
  const buffers = specs.map(({name, shape}) => {
    if (name in integers) {
      return Buffer.from(Int32Array.from(integers[name]).buffer);
    }
    const length = shape.reduce((all, each) => all * each, 1);
    return Buffer.from(Float32Array.from({length}, random).buffer);
  });
  const json = {modelTopology, format, weightsManifest: [{paths: ['w.bin'], weights}]};
  const file = (name: string, buffer: Buffer) => ({name, mimeType: '', buffer});
  return [
    file('model.json', Buffer.from(JSON.stringify(json))),
    file('w.bin', Buffer.concat(buffers)),
  ];
}

/** Colored noise, as images of 16 x 16; of `opacity` below 1, one can see through them. */
export async function images(page: Page, count = 24, opacity = 1): Promise<ChosenFile[]> {
  const draw = ({length, alpha}: {length: number; alpha: number}) =>
    Array.from({length}, (_, seed) => {
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = 16;
      const context = canvas.getContext('2d')!;
      for (let i = 0; i < 64; ++i) {
        const light = 20 + ((i * seed) % 60);
        context.fillStyle = `hsl(${(i * 47 + seed * 31) % 360} 80% ${light}% / ${alpha})`;
        context.fillRect((i % 8) * 2, Math.floor(i / 8) * 2, 2, 2);
      }
      return canvas.toDataURL('image/png').split(',')[1];
    });
  const encoded = await page.evaluate(draw, {length: count, alpha: opacity});
  return encoded.map((text, i) => ({
    name: `${i}.png`,
    mimeType: 'image/png',
    buffer: Buffer.from(text, 'base64'),
  }));
}
