import {mul, slice, type Tensor, zeros} from '@tensorflow/tfjs-core';
import type {layers, LayerVariable} from '@tensorflow/tfjs-layers';

import {cellOf} from '../../model/layer_parts';
import {activationOf, channelAxis, isStateful} from '../../model/layer_settings';
import type {LayerConfig} from '../../model/layer_tree';
import {weight} from '../../model/layer_weights';
import {zeroSlices} from '../../projection/effective_weight';
import type {ChannelRule} from '../graph/channel_graph';
import {all, Channels, type Constants, isZero} from '../graph/channels';
import {keepsZero, mixesChannels} from './activations';
import {seesNoPadding} from './convolution';

type Layer = layers.Layer;

/** Number of gates in a cell's kernels, and which of them fills the state. */
interface Gates {
  count: number;
  candidate: number;
}

const CELLS: Readonly<Record<string, Gates>> = {
  SimpleRNNCell: {count: 1, candidate: 0},
  LSTMCell: {count: 4, candidate: 2},
  GRUCell: {count: 3, candidate: 2},
  ConvLSTM2DCell: {count: 4, candidate: 2},
};

/**
 * A unit has one column in each gate of both kernels and of the bias, and reads
 * all units through its columns of the recurrent kernel. It stays silent where
 * its column of the gate that fills the state is zero.
 */
const recurrent: ChannelRule = ({layer, inputs: [input, ...states], shapes, graph}) => {
  const cell = cellOf(layer) as Layer;
  const gates = CELLS[cell.getClassName()];
  if (gates === undefined) {
    const reason = `layer '${graph.name}' has a cell of class ${cell.getClassName()}, which is not supported`;
    [input, ...states].forEach(({ids}) => graph.freeze(ids, reason));
    return shapes.map((shape) => graph.frozen(shape, reason));
  }
  const kernel = weight(cell, 'kernel') as LayerVariable;
  const recurrentKernel = weight(cell, 'recurrentKernel') as LayerVariable;
  const bias = weight(cell, 'bias');
  const last = kernel.shape.length - 1;
  const convolutional = last > 1;
  // The input has steps before what a cell sees of it.
  const axisIn = (rank: number) => (convolutional ? rank - 4 + channelAxis(cell, 4) : rank - 1);

  const x = graph.along(input, axisIn(input.shape.length));
  const exact = !convolutional || seesNoPadding(cell);
  graph.consume(layer, x, {variable: kernel, axis: last - 1, bias: exact ? bias : null});

  const ids = graph.fresh((kernel.shape[last] as number) / gates.count);
  const columns = Array.from({length: gates.count}, () => ids).flat();
  graph.bind(layer, kernel, last, columns, 'producer');
  graph.bind(layer, recurrentKernel, last, columns, 'producer');
  graph.bind(layer, bias, 0, columns, 'offset');
  graph.resize(layer, 'units', ids, resizeUnits(layer, convolutional ? 'filters' : 'units'));
  const initial = states.map((state) => graph.along(state, axisIn(state.shape.length)));
  initial.forEach((state) => graph.ids.tieAll(ids, state.ids));

  const reason = whyFrozen(layer, cell);
  if (reason) {
    graph.freeze(ids, `${reason}, in layer '${graph.name}'`);
  }
  const silent = (variable: LayerVariable | null | undefined): Tensor[] => {
    const zero = variable && zeroSlices(variable, variable.shape.length - 1);
    return zero ? [slice(zero, gates.candidate * ids.length, ids.length)] : [];
  };
  const evaluate = (memo: Map<Channels, Constants>) => ({
    fixed: all(
      ...[kernel, recurrentKernel, bias].flatMap(silent),
      ...initial.map((state) => {
        const {fixed, value} = state.constants(memo);
        return mul(fixed, isZero(value));
      }),
    ),
    value: zeros([ids.length]),
  });
  const outputs = shapes.map(
    (shape) => new Channels(shape, axisIn(shape.length), ids, reason ? undefined : evaluate),
  );
  // All units read each other: what comes after cannot make one of no use.
  graph.consume(layer, outputs[0], {variable: recurrentKernel, axis: last - 1});
  return outputs;
};

function whyFrozen(layer: Layer, cell: Layer): string | undefined {
  const activation = activationOf(cell);
  const gateActivation = activationOf(cell, 'recurrentActivation');
  if (isStateful(layer)) {
    return 'the state is kept between batches';
  }
  const mixing = mixesChannels(activation) ?? mixesChannels(gateActivation);
  if (mixing) {
    return mixing;
  }
  return keepsZero(activation)
    ? undefined
    : `activation '${activation?.getClassName()}' gives an output to units without weights`;
}

/** A bare RNN keeps its cell's configuration apart. */
function resizeUnits(layer: Layer, name: string) {
  return (config: LayerConfig, count: number) => {
    const bare = layer.getClassName() === 'RNN';
    const owner = bare ? (config.cell as {config: LayerConfig}).config : config;
    owner[name] = count;
    if (bare && name in config) {
      config[name] = count;
    }
  };
}

export const RECURRENT = {
  SimpleRNN: recurrent,
  LSTM: recurrent,
  GRU: recurrent,
  RNN: recurrent,
  ConvLSTM2D: recurrent,
};
