import {io, util} from '@tensorflow/tfjs-core';

import {distinct} from '../setup/models';

/** A graph of one input, `x`. */
export interface GraphSpec {
  /** The shape of the input. */
  input: number[];
  /** The shapes of the constants, by name. */
  constants: Record<string, number[]>;
  nodes: Array<{name: string; op: string; input: string[]; attr?: object}>;
  output: string;
  /** More outputs. */
  others?: string[];
  /** How all constants are stored. */
  quantization?: {dtype: 'uint8'; scale: number; min: number};
}

const FLOAT = {type: 'DT_FLOAT'};
const shapeOf = (sizes: readonly number[]) => ({dim: sizes.map((size) => ({size: `${size}`}))});

/** What tensorflowjs_converter writes for a graph, with numbers that are all different. */
export function graphOf(spec: GraphSpec): io.ModelArtifacts {
  const {input, constants, nodes, output, others = [], quantization} = spec;
  const outputs = [output, ...others];
  const node = [
    {name: 'x', op: 'Placeholder', attr: {dtype: FLOAT, shape: {shape: shapeOf(input)}}},
    ...Object.entries(constants).map(([name, sizes]) => ({
      name,
      op: 'Const',
      attr: {dtype: FLOAT, value: {tensor: {dtype: 'DT_FLOAT', tensorShape: shapeOf(sizes)}}},
    })),
    ...nodes.map(({attr = {}, ...rest}) => ({...rest, attr: {T: FLOAT, ...encoded(attr)}})),
  ];
  const sizes = Object.values(constants).map((shape) => util.sizeFromShape(shape));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const values = sizes.flatMap((size, i) => [...distinct(size, i + 1)].map((v) => 0.5 * v));
  const stored = quantization
    ? Uint8Array.from(values, (v) => Math.round((v - quantization.min) / quantization.scale))
    : Float32Array.from(values);
  expect(stored).toHaveLength(total);
  return {
    format: 'graph-model',
    generatedBy: 'test',
    convertedBy: null,
    modelTopology: {node, versions: {producer: 1}},
    signature: {
      inputs: {x: {name: 'x:0', dtype: 'DT_FLOAT', tensorShape: shapeOf(input)}},
      outputs: Object.fromEntries(
        outputs.map((name) => [name, {name: `${name}:0`, dtype: 'DT_FLOAT'}]),
      ),
    } as object,
    weightSpecs: Object.entries(constants).map(([name, shape]) => ({
      ...{name, shape, dtype: 'float32' as const},
      ...(quantization ? {quantization} : {}),
    })),
    weightData: stored.buffer as ArrayBuffer,
  };
}

/** Strings in attributes are base64. */
function encoded(value: unknown, key = ''): object {
  if (key === 's' && typeof value === 'string') {
    return Buffer.from(value).toString('base64') as unknown as object;
  }
  if (key === 's' && Array.isArray(value)) {
    return value.map((each) => Buffer.from(each as string).toString('base64'));
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).map(([name, own]) => [name, encoded(own, name)]))
    : (value as object);
}
