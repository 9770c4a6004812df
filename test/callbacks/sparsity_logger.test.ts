import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import {composeCallbacks, ConstantSparsity, PruningError, stripPruning} from '../../lib';
import {SparsityLogger, type SparsityLoggerArgs} from '../../lib/callbacks/sparsity_logger';
import type {SparsityEntry} from '../../lib/report/logger/entry';
import {backendName} from '../setup/backend';
import {QUIET, countReads, data, dataset, kernel, mlp, probe, train} from '../setup/models';
import {Linear} from '../setup/own_layers';

/** Half of each kernel from the first step on. */
const pruner = () => new ConstantSparsity({targetSparsity: 0.5, beginStep: 0, frequency: 1});

/** Runs `fit` with these callbacks on `data()`: 4 steps an epoch. */
async function fit(model: tfl.LayersModel, epochs: number, ...callbacks: tfl.Callback[]) {
  const {x, y} = data();
  await model.fit(x, y, {...QUIET, epochs, callbacks: composeCallbacks(callbacks)});
  tf.dispose([x, y]);
}

/** A logger, and the lines that it has given. */
function lineLogger(args: SparsityLoggerArgs = {}): {logger: SparsityLogger; lines: string[]} {
  const lines: string[] = [];
  return {logger: new SparsityLogger({...args, console: (line) => lines.push(line)}), lines};
}

/** `epoch 1, step 4` of each line. */
function places(lines: string[]): string[] {
  return lines.map((line) => line.split(':')[0]);
}

/** Prunes the model the moment training ends. */
const pruneAtEnd = (model: tfl.LayersModel) =>
  probe({
    onTrainEnd: async () => {
      const last = pruner();
      last.setModel(model);
      await last.onTrainBegin();
      await last.onTrainEnd();
    },
  });

describe('SparsityLogger', () => {
  it('logs each epoch of fit', async () => {
    const model = mlp();
    const {logger, lines} = lineLogger();
    await fit(model, 2, pruner(), logger);
    expect(places(lines)).toEqual(['epoch 1, step 4', 'epoch 2, step 8']);
    const smallest = ['dense_0', 'dense_1'].map((name) => {
      const kept = kernel(model, name).filter((value) => value !== 0);
      return Math.min(...kept.map(Math.abs)).toPrecision(4);
    });
    expect(lines[1]).toBe(
      `epoch 2, step 8: sparsity 0.5000, dense_0/kernel 0.5000 (threshold ${smallest[0]}), ` +
        `dense_1/kernel 0.5000 (threshold ${smallest[1]})`,
    );
    stripPruning(model);
  });

  it('prints to the console unless told otherwise', async () => {
    const log = jest.spyOn(console, 'log').mockImplementation();
    const writer = {scalar: jest.fn(), flush: jest.fn()};
    await fit(mlp(), 1, new SparsityLogger());
    await fit(mlp(), 1, new SparsityLogger({tensorBoard: writer}));
    expect(log).toHaveBeenCalledTimes(2);
    await fit(mlp(), 1, new SparsityLogger({tensorBoard: writer, console: false}));
    expect(log).toHaveBeenCalledTimes(2);
    log.mockRestore();
    expect(writer.flush).toHaveBeenCalledTimes(2);
  });

  it('logs every other epoch, and the last one', async () => {
    const model = mlp();
    const {logger, lines} = lineLogger({every: 2});
    await fit(model, 5, pruner(), logger);
    expect(places(lines)).toEqual(['epoch 2, step 8', 'epoch 4, step 16', 'epoch 5, step 20']);
    stripPruning(model);
  });

  it('logs the last state once where it was logged already', async () => {
    const {logger, lines} = lineLogger({every: 2});
    await fit(mlp(), 4, logger);
    expect(places(lines)).toEqual(['epoch 2, step 8', 'epoch 4, step 16']);
  });

  it('logs the last state where it differs from that of the last epoch', async () => {
    const model = mlp();
    const {logger, lines} = lineLogger();
    await fit(model, 1, pruneAtEnd(model), logger);
    expect(places(lines)).toEqual(['epoch 1, step 4', 'epoch 1, step 4']);
    expect(lines[0]).toContain('sparsity 0.0000');
    expect(lines[1]).toContain('sparsity 0.5000');
    stripPruning(model);
  });

  it('logs the last state where no epoch was logged', async () => {
    const {logger, lines} = lineLogger({every: 10});
    await fit(mlp(), 3, logger);
    expect(places(lines)).toEqual(['epoch 3, step 12']);
  });

  it('logs the epoch in which training was stopped', async () => {
    const model = mlp();
    const {logger, lines} = lineLogger({every: 10});
    const stop = probe({onEpochEnd: async () => void (model.stopTraining = true)});
    await fit(model, 5, logger, stop);
    expect(places(lines)).toEqual(['epoch 1, step 4']);
  });

  it('starts anew with a second fit, where steps go on', async () => {
    const model = mlp();
    const {logger, lines} = lineLogger();
    await fit(model, 1, logger);
    await fit(model, 1, logger);
    expect(places(lines)).toEqual(['epoch 1, step 4', 'epoch 1, step 8']);
  });

  it.each([true, false])('logs fitDataset, finite: %p', async (finite) => {
    const model = mlp();
    const {logger, lines} = lineLogger();
    const callbacks = composeCallbacks(logger, pruner());
    const batchesPerEpoch = finite ? undefined : 4;
    await model.fitDataset(dataset(finite), {epochs: 2, batchesPerEpoch, verbose: 0, callbacks});
    expect(places(lines)).toEqual(['epoch 1, step 4', 'epoch 2, step 8']);
    expect(lines[0]).toContain('sparsity 0.5000');
    stripPruning(model);
  });

  it('logs a loop of trainOnBatch', async () => {
    const model = mlp();
    const {logger, lines} = lineLogger();
    logger.setModel(model);
    await logger.onTrainBegin();
    await train(model, 3);
    await logger.onEpochEnd(0);
    await train(model, 2);
    await logger.onEpochEnd(1);
    await logger.onTrainEnd();
    expect(places(lines)).toEqual(['epoch 1, step 3', 'epoch 2, step 5']);
  });

  it('logs a loop without epochs at its end', async () => {
    const model = mlp();
    const {logger, lines} = lineLogger();
    logger.setModel(model);
    await logger.onTrainBegin();
    await train(model, 3);
    await logger.onTrainEnd();
    expect(places(lines)).toEqual(['epoch 0, step 3']);
  });

  it.each([
    ['yields where 125 ms have passed', 126, true],
    ['does not yield before', 100, false],
  ])('%s', async (_name, passed, yields) => {
    const now = jest.spyOn(Date, 'now').mockReturnValue(1000);
    const {logger} = lineLogger();
    logger.setModel(mlp());
    await logger.onTrainBegin();
    now.mockReturnValue(1000 + passed);
    let yielded = false;
    setImmediate(() => (yielded = true));
    await logger.onBatchEnd();
    expect(yielded).toBe(yields);
    now.mockRestore();
  });
});

describe('resources', () => {
  it('leaves no tensors over three fits', async () => {
    const model = mlp();
    const {logger} = lineLogger();
    const pruning = pruner();
    await fit(model, 1, pruning, logger);
    const before = tf.memory();
    await fit(model, 2, pruning, logger);
    await fit(model, 2, pruning, logger);
    await fit(model, 2, pruning, logger);
    expect(tf.memory().numTensors).toBe(before.numTensors);
    expect(tf.memory().numBytes).toBe(before.numBytes);
    stripPruning(model);
  });

  it('reads twice an epoch, and not for a batch', async () => {
    const readsOf = async (callbacks: tfl.Callback[]) => {
      const model = mlp();
      const reads = countReads(tf.engine());
      await fit(model, 2, pruner(), ...callbacks);
      const count = reads.count();
      reads.restore();
      stripPruning(model);
      return count;
    };
    // Two epochs and the end.
    expect((await readsOf([lineLogger().logger])) - (await readsOf([]))).toBe(6);
  });
});

describe('the file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
  });
  afterEach(() => rmSync(folder, {recursive: true, force: true}));

  it('holds a line of JSON an epoch, over several fits', async () => {
    const file = join(folder, 'sparsity.jsonl');
    const model = mlp();
    const logger = new SparsityLogger({console: false, file});
    await fit(model, 2, logger);
    await fit(model, 1, pruner(), logger);
    const entries = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as SparsityEntry);
    expect(entries.map(({epoch, step, sparsity}) => [epoch, step, sparsity])).toEqual([
      [1, 4, 0],
      [2, 8, 0],
      [1, 12, 0.5],
    ]);
    expect(entries[0].weights).toEqual([
      {name: 'dense_0/kernel', size: 24, zeros: 0, sparsity: 0, threshold: null},
      {name: 'dense_1/kernel', size: 12, zeros: 0, sparsity: 0, threshold: null},
    ]);
    expect(entries[2].weights[1]).toMatchObject({size: 12, zeros: 6, sparsity: 0.5});
    const kept = kernel(model, 'dense_1').map(Math.abs).filter(Boolean);
    expect(entries[2].weights[1].threshold).toBe(Math.min(...kept));
    stripPruning(model);
  });

  it('is found not to be writable before the first step', async () => {
    const model = mlp();
    const file = join(folder, 'missing', 'sparsity.jsonl');
    const training = fit(model, 1, new SparsityLogger({console: false, file}));
    await expect(training).rejects.toThrow(`${file}: expected a file that can be written`);
    expect(model.optimizer.iterations).toBe(0);
  });
});

const onTensorFlow = backendName === 'tensorflow' ? describe : describe.skip;
onTensorFlow('TensorBoard', () => {
  interface Node {
    summaryFileWriter(logdir: string): SparsityLoggerArgs['tensorBoard'];
    tensorBoard(logdir: string): tfl.Callback;
  }
  const {node} = (backendName === 'tensorflow' ? require('@tensorflow/tfjs-node') : {}) as {
    node: Node;
  };
  /** All that was written into a folder, as text. */
  const written = (logdir: string) =>
    readdirSync(logdir, {recursive: true, withFileTypes: true})
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
      .join('');
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
  });
  afterEach(() => rmSync(folder, {recursive: true, force: true}));

  it.each(['logs', 'logs/train'])(
    'gets scalars beside tf.node.tensorBoard(logs), in %s',
    async (name) => {
      const model = mlp();
      const logger = new SparsityLogger({
        console: false,
        tensorBoard: node.summaryFileWriter(join(folder, name)),
      });
      const losses = node.tensorBoard(join(folder, 'logs'));
      await fit(model, 1, pruner(), logger, losses);
      const before = tf.memory().numTensors;
      await fit(model, 2, pruner(), logger, losses);
      expect(tf.memory().numTensors).toBe(before);
      const text = written(join(folder, 'logs'));
      for (const kind of ['sparsity', 'threshold']) {
        // Three epochs of each.
        expect(text.split(`${kind}/dense_0/kernel`)).toHaveLength(4);
        expect(text.split(`${kind}/dense_1/kernel`)).toHaveLength(4);
      }
      expect(text).toContain('epoch_loss');
      stripPruning(model);
    },
  );
});

describe('bad input', () => {
  const {logger} = lineLogger();

  it.each([
    ['SparsityLogger: expected an object of options, but got null', null],
    ['SparsityLogger: expected options among console, tensorBoard, tfvis, file, every', {tb: 1}],
    ['one of console, tensorBoard, tfvis, file, but got', {console: false}],
    ['console: expected true, false or a function', {console: 'yes'}],
    ['every: expected an integer of at least 1, but got 0', {every: 0}],
    ["every: expected an integer of at least 1, but got 'batch'", {every: 'batch'}],
    ['tensorBoard: expected a writer with scalar() and flush()', {tensorBoard: 'logs'}],
    ['tfvis.tfvis: expected the module', {tfvis: {surface: {}}}],
    ['file: expected the path of a file', {file: ''}],
  ])('is refused: %s', (message, args) => {
    const construct = () => new SparsityLogger(args as unknown as SparsityLoggerArgs);
    expect(construct).toThrow(PruningError);
    expect(construct).toThrow(message);
  });

  it('is a model that was not set', async () => {
    const begin = new SparsityLogger({console: () => {}}).onTrainBegin();
    await expect(begin).rejects.toThrow('model: expected setModel(model) before onTrainBegin()');
  });

  it('is a model that was not compiled', async () => {
    logger.setModel(tfl.sequential({layers: [tfl.layers.dense({units: 1, inputShape: [1]})]}));
    await expect(logger.onTrainBegin()).rejects.toThrow('model: expected a compiled model');
  });

  it('is a model that has nothing to prune', async () => {
    const model = tfl.sequential({layers: [tfl.layers.flatten({inputShape: [2, 2]})]});
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    logger.setModel(model);
    await expect(logger.onTrainBegin()).rejects.toThrow('layers: expected at least one layer');
  });

  it('is a list that starts with a plain object', async () => {
    const {x, y} = data();
    const callbacks = [{onEpochEnd: async () => {}}, logger] as unknown as tfl.Callback[];
    const training = mlp().fit(x, y, {...QUIET, epochs: 1, callbacks});
    await expect(training).rejects.toThrow('callbacks: expected composeCallbacks(...) around');
    tf.dispose([x, y]);
  });

  it("is an error of the user's function, passed on", async () => {
    const failing = new SparsityLogger({
      console: () => {
        throw new Error('full');
      },
    });
    await expect(fit(mlp(), 1, failing)).rejects.toThrow('full');
  });
});

it('logs a layer of one unit, and one of which weights are prunable by name alone', async () => {
  const model = tfl.sequential({
    layers: [
      tfl.layers.lstm({
        units: 1,
        recurrentInitializer: 'glorotNormal',
        returnSequences: true,
        inputShape: [3, 2],
      }),
      tfl.layers.flatten(),
    ],
  });
  const own = tfl.sequential({layers: [new Linear({units: 2, name: 'own', inputShape: [2]})]});
  for (const each of [model, own]) {
    const lines: string[] = [];
    const logger = new SparsityLogger({console: (line) => lines.push(line)});
    each.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
    logger.setModel(each);
    await logger.onTrainBegin();
    await logger.onEpochEnd(0);
    expect(lines).toHaveLength(1);
  }
});
