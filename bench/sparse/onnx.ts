import type {io} from '@tensorflow/tfjs-core';

/** One field of a protocol buffer: its number, and its value. */
type Field = readonly [number, number | string | Uint8Array];

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) {
      return [...bytes, left];
    }
    bytes.push((left % 128) | 128);
  }
}

/** A message: whole numbers as varints, all else by its length. */
function message(...fields: readonly Field[]): Uint8Array {
  const parts = fields.map(([number, value]) => {
    if (typeof value === 'number') {
      return Buffer.from([...varint(number * 8), ...varint(value)]);
    }
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    return Buffer.concat([
      Buffer.from([...varint(number * 8 + 2), ...varint(bytes.length)]),
      bytes,
    ]);
  });
  return new Uint8Array(Buffer.concat(parts));
}

const FLOAT = 1;
const INTS = 7;

function tensor(name: string, shape: readonly number[], values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const sizes = shape.map((size): Field => [1, size]);
  return message(...sizes, [2, FLOAT], [8, name], [9, bytes]);
}

function valueInfo(name: string, shape: readonly number[]): Uint8Array {
  const sizes = shape.map((size): Field => [1, message([1, size])]);
  const type = message([1, message([1, FLOAT], [2, message(...sizes)])]);
  return message([1, name], [2, type]);
}

function node(
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: Uint8Array[] = [],
) {
  return message(
    ...inputs.map((input): Field => [1, input]),
    ...([
      [2, output],
      [3, output],
      [4, op],
    ] as const),
    ...attributes.map((each): Field => [5, each]),
  );
}

const ints = (name: string, values: readonly number[]) =>
  message([1, name], ...values.map((value): Field => [8, value]), [20, INTS]);

interface GraphNode {
  name: string;
  op: string;
  input?: string[];
  attr?: {strides?: {list: {i: string[]}}};
}

/** The graph of `mobileNetGraph` for onnxruntime, channels before pixels as it has them. */
export function asOnnx({modelTopology, weightSpecs, weightData}: io.ModelArtifacts): Uint8Array {
  const {node: nodes} = modelTopology as {node: GraphNode[]};
  const weights = new Map<string, {shape: number[]; values: Float32Array}>();
  let at = 0;
  for (const {name, shape} of weightSpecs ?? []) {
    const size = shape.reduce((product, length) => product * length, 1);
    weights.set(name, {shape, values: new Float32Array(weightData as ArrayBuffer, at, size)});
    at += 4 * size;
  }
  const made: Uint8Array[] = [];
  const tensors = [
    tensor('low', [], new Float32Array([0])),
    tensor('high', [], new Float32Array([6])),
  ];
  const add = (name: string, turned = false) => {
    const {shape, values} = weights.get(name)!;
    const [height, width, inputs, outputs] = shape;
    tensors.push(
      shape.length < 4
        ? tensor(name, shape, values)
        : turned
          ? tensor(name, [inputs, 1, height, width], transposed(values, height * width))
          : tensor(
              name,
              [outputs, inputs, height, width],
              transposed(values, height * width * inputs, inputs),
            ),
    );
  };
  for (const {name, op, input = [], attr} of nodes) {
    if (op === '_FusedConv2D' || op === 'FusedDepthwiseConv2dNative') {
      const isDepthwise = op !== '_FusedConv2D';
      const [x, filter, bias] = input;
      add(filter, isDepthwise);
      add(bias);
      const strides = attr!.strides!.list.i.slice(1, 3).map(Number);
      const groups = isDepthwise ? weights.get(filter)!.shape[2] : 1;
      const same = message([1, 'auto_pad'], [4, 'SAME_UPPER'], [20, 3]);
      const group = message([1, 'group'], [3, groups], [20, 2]);
      const source = x === 'images' ? x : `${x}/clipped`;
      made.push(
        node('Conv', [source, filter, bias], name, [ints('strides', strides), same, group]),
      );
      made.push(node('Clip', [name, 'low', 'high'], `${name}/clipped`));
    } else if (op === 'Mean') {
      made.push(node('GlobalAveragePool', [`${input[0]}/clipped`], 'pooled'));
      made.push(node('Flatten', ['pooled'], name));
    } else if (op === '_FusedMatMul') {
      add(input[1]);
      add(input[2]);
      made.push(node('Gemm', input, name));
    } else if (op === 'Softmax') {
      made.push(node('Softmax', input, name));
    }
  }
  const images = nodes.find(({name}) => name === 'images') as unknown as {
    attr: {shape: {shape: {dim: {size: string}[]}}};
  };
  const side = Number(images.attr.shape.shape.dim[1].size);
  const graph = message(
    ...made.map((each): Field => [1, each]),
    [2, 'mobilenet'],
    ...tensors.map((each): Field => [5, each]),
    [11, valueInfo('images', [1, 3, side, side])],
    [12, valueInfo('probabilities', [1, 1000])],
  );
  // Format 8, operators of version 13.
  return message([1, 8], [7, graph], [8, message([2, 13])]);
}

/** [window, (inputs,) outputs] to [outputs, (inputs,) window]. */
function transposed(values: Float32Array, rows: number, inputs = 1): Float32Array {
  const outputs = values.length / rows;
  const window = rows / inputs;
  const result = new Float32Array(values.length);
  for (let place = 0; place < window; ++place) {
    for (let input = 0; input < inputs; ++input) {
      for (let output = 0; output < outputs; ++output) {
        result[(output * inputs + input) * window + place] =
          values[(place * inputs + input) * outputs + output];
      }
    }
  }
  return result;
}
