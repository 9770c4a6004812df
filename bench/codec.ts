/**
 * Speed and memory of the packed format: megabytes of weights as they are in
 * memory, by a second of CPU time, for several sparsities and ways to round;
 * and the memory that a model of 500 MB takes to be saved and loaded.
 *
 *     npm run bench:codec [-- --size 16 --rounds 5]
 */
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import type {io} from '@tensorflow/tfjs-core';
import Table from 'cli-table3';
import {Command} from 'commander';
import {compressed, type Quantize} from 'tfjs-prune/io';
import {packed} from 'tfjs-prune/load';

import {atLeast, atMost, median, printResult} from './result';

const SPARSITIES = [0, 0.5, 0.9, 0.95, 0.99];
const QUANTIZE: Readonly<Record<string, Quantize>> = {
  float32: {},
  float16: 'float16',
  uint8: 'uint8',
  'codebook 16': {clusters: 16},
};
const LEAST_DECODED = 200;
const LEAST_ENCODED = 20;
const LARGE_MB = 500;
const MOST_MEMORY_MB = 2000;
const WIDTH = 1000;

const options = new Command('npm run bench:codec --')
  .option('--size <MB>', 'megabytes of the weight', Number, 16)
  .option('--rounds <n>', 'times to take the median of', Number, 5)
  .option('--large', 'only save and load the large model, and print the memory it took')
  .parse()
  .opts<{size: number; rounds: number; large?: boolean}>();

if (options.large) {
  console.log(JSON.stringify(await measureMemory()));
} else {
  await measureAll();
}

async function measureAll(): Promise<void> {
  const table = new Table({
    head: ['', 'Sparsity', 'Size', 'Encode MB/s', 'Decode MB/s'],
    style: {head: [], border: []},
  });
  const figures: Record<string, number> = {};
  for (const sparsity of SPARSITIES) {
    const artifacts = modelOf(weights(options.size, sparsity));
    for (const [name, quantize] of Object.entries(QUANTIZE)) {
      const {share, encode, decode} = await measure(artifacts, quantize);
      table.push([
        name,
        sparsity,
        `${(100 * share).toFixed(2)} %`,
        encode.toFixed(),
        decode.toFixed(),
      ]);
      figures[`encode ${name} ${sparsity}`] = encode;
      figures[`decode ${name} ${sparsity}`] = decode;
    }
  }
  console.log(`${table}`);
  const least = (kind: string) => {
    const all = Object.entries(figures).filter(([key]) => key.startsWith(kind));
    return Math.min(...all.map(([, value]) => value));
  };
  const large = execFileSync(process.execPath, [...process.execArgv, process.argv[1], '--large']);
  const {memory, file} = JSON.parse(`${large}`) as {memory: number; file: number};
  console.log(
    `A model of ${LARGE_MB} MB, in a file of ${file} MB: ${memory} MB of memory at most.`,
  );
  figures['memory MB'] = memory;
  printResult('codec', 'none', figures, {
    'encode MB/s': atLeast(least('encode'), LEAST_ENCODED),
    'decode MB/s': atLeast(least('decode'), LEAST_DECODED),
    'memory MB': atMost(memory, MOST_MEMORY_MB),
  });
}

/** Share of the size that is left, and megabytes a second of encoding and decoding. */
async function measure(artifacts: io.ModelArtifacts, quantize: Quantize) {
  const bytes = (artifacts.weightData as ArrayBuffer).byteLength;
  const times: Record<'encode' | 'decode', number[]> = {encode: [], decode: []};
  let saved: io.ModelArtifacts = {};
  const handler: io.IOHandler = {
    save: async (packedModel) => {
      saved = packedModel;
      return {modelArtifactsInfo: {dateSaved: new Date(), modelTopologyType: 'JSON'}};
    },
  };
  const timed = async (kind: keyof typeof times, task: () => Promise<unknown>) => {
    const start = cpuSeconds();
    await task();
    times[kind].push(cpuSeconds() - start);
  };
  // The first round warms up.
  for (let round = 0; round <= options.rounds; ++round) {
    await timed('encode', () => compressed(handler, {format: 'packed', quantize}).save!(artifacts));
    await timed('decode', () => packed(saved.weightData as ArrayBuffer).load!());
  }
  const speed = (list: number[]) => bytes / 1e6 / median(list.slice(1));
  return {
    share: (saved.weightData as ArrayBuffer).byteLength / bytes,
    encode: speed(times.encode),
    decode: speed(times.decode),
  };
}

/** Megabytes of memory at most, and of the file, of a model that is saved and loaded. */
async function measureMemory(): Promise<{memory: number; file: number}> {
  const folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
  try {
    const file = join(folder, 'large.tfpack');
    const handler = compressed(file, {format: 'packed'});
    await handler.save!(modelOf(...[0, 0.5, 0.9, 0.9, 0.9].map((s) => weights(LARGE_MB / 5, s))));
    await handler.load!();
    const {maxRSS} = process.resourceUsage();
    return {memory: Math.round(maxRSS / 1000), file: Math.round(statSync(file).size / 1e6)};
  } finally {
    rmSync(folder, {recursive: true});
  }
}

/** Weights as training leaves them: bell-shaped, the smallest zero. */
function weights(megabytes: number, sparsity: number): Float32Array {
  const size = Math.floor((megabytes * 1e6) / 4 / WIDTH) * WIDTH;
  const all = new Float32Array(size);
  for (let i = 0; i < size; ++i) {
    const value = Math.random() + Math.random() + Math.random() + Math.random() - 2;
    all[i] = Math.random() < sparsity ? 0 : value / 10 + Math.sign(value) * sparsity * 0.05;
  }
  return all;
}

function modelOf(...all: Float32Array[]): io.ModelArtifacts {
  const data = new Uint8Array(all.reduce((sum, {byteLength}) => sum + byteLength, 0));
  let offset = 0;
  for (const values of all) {
    data.set(new Uint8Array(values.buffer), offset);
    offset += values.byteLength;
  }
  return {
    modelTopology: {class_name: 'Sequential'},
    weightSpecs: all.map((values, i) => ({
      name: `w${i}`,
      shape: [values.length / WIDTH, WIDTH],
      dtype: 'float32',
    })),
    weightData: data.buffer,
  };
}

function cpuSeconds(): number {
  const {user, system} = process.cpuUsage();
  return (user + system) / 1e6;
}
