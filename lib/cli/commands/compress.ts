import {type Command, Option} from 'commander';

import {check} from '../../base/check';
import {formatOf} from '../../files/format_of';
import type {CompressedArgs, Quantization, QuantizationMap} from '../../files/io';
import {startBackend} from '../../workers/backend';
import {fileSizes} from '../file_sizes';
import {
  checkOutput,
  type OutputOptions,
  readModel,
  type StoredModel,
  writeModel,
} from '../model_file';
import {inFloats, listed, quantizedCounts, storedAs} from '../model_weights';
import {bytes, printJSON, printTable, type PrintOptions} from '../output';
import {given, numberOf, outputOptions} from '../parse';

interface Options extends OutputOptions, PrintOptions {
  format?: 'tfjs' | 'packed';
  quantize?: 'uint8' | 'uint16' | 'float16';
  clusters?: number;
  weights?: string[];
  shardBytes?: number;
  precompress?: Array<'gzip' | 'br'>;
}

export function addCompress(program: Command): void {
  const command = program
    .command('compress')
    .argument('<model>', 'directory, model.json or packed file')
    .description('Writes a smaller model: rounded, packed, or with compressed copies of its files.')
    .addOption(
      new Option('--format <format>', 'default: packed if --out ends with .tfpack').choices([
        'tfjs',
        'packed',
      ]),
    )
    .addOption(
      new Option('--quantize <type>', 'round the weights, even if they are quantized').choices([
        'uint8',
        'uint16',
        'float16',
      ]),
    )
    .option('--clusters <n>', 'number of values that the weights share, 2 to 256', numberOf)
    .option(
      '--weights <pattern...>',
      'names of the weights to round, with * as wildcard; default: kernels, and the rest to float16',
    )
    .option('--shard-bytes <n>', 'largest size of a weights file', numberOf)
    .addOption(
      new Option('--precompress <encoding...>', 'also write .gz and .br files').choices([
        'gzip',
        'br',
      ]),
    )
    .addHelpText(
      'after',
      `
Examples:
  tfjs-prune compress models/sparse --clusters 32 -o mnist.tfpack
  tfjs-prune compress models/sparse --quantize uint8 --precompress gzip br -o public/mnist
  tfjs-prune compress models/sparse --quantize uint8 --weights '*' -o public/smaller`,
    );
  outputOptions(command).action(compress);
}

export function addDecompress(program: Command): void {
  const command = program
    .command('decompress')
    .argument('<model>', 'packed file, directory or model.json')
    .description('Writes the model as files of tfjs, with float32 weights.')
    .addHelpText('after', '\nExample:\n  tfjs-prune decompress mnist.tfpack -o models/mnist');
  outputOptions(command).action(decompress);
}

async function compress(path: string, options: Options): Promise<void> {
  await checkOutput(options);
  const {out, quantize, clusters, weights, shardBytes, precompress} = options;
  const both = quantize !== undefined && clusters !== undefined;
  check(!both, '--clusters', 'none with --quantize', clusters);
  const rounding = clusters === undefined ? quantize : {clusters};
  const isUsed = weights === undefined || rounding !== undefined;
  check(isUsed, '--weights', '--quantize or --clusters too', weights?.join(' '));
  const {format = formatOf(out)} = options;
  // What is quantized already has to be decoded.
  await startBackend();
  const stored = await readModel(path);
  const args: CompressedArgs = {
    format,
    quantize: rounding && weights ? mapOf(weights, rounding) : (rounding ?? {}),
    ...given({shardBytes, precompress}),
  };
  await writeModel(options, stored, args);
  await report(stored, options);
  const same = quantizedCounts(stored)[quantize ?? ''];
  if (same !== undefined && !options.json) {
    console.log(`Weights that already were ${quantize} are unchanged: ${same}.`);
  }
}

function mapOf(patterns: readonly string[], quantization: Quantization): QuantizationMap {
  return Object.fromEntries(patterns.map((pattern) => [pattern, quantization]));
}

async function decompress(path: string, options: OutputOptions & PrintOptions): Promise<void> {
  const {out} = options;
  check(formatOf(out) === 'tfjs', '--out', 'a directory, for files of tfjs', out);
  await checkOutput(options);
  await startBackend();
  const stored = await readModel(path);
  await writeModel(options, inFloats(stored), {format: 'tfjs'});
  await report(stored, options);
}

/** Sizes on disk, and what weights are stored in, before and after. */
async function report(
  stored: StoredModel,
  {out, json}: OutputOptions & PrintOptions,
): Promise<void> {
  const [before, after] = [await fileSizes(stored.path), await fileSizes(out)];
  const counts = [stored, await readModel(out)].map(storedAs);
  if (json) {
    printJSON({
      out,
      before: {...before, weights: counts[0]},
      after: {...after, weights: counts[1]},
    });
    return;
  }
  printTable(
    ['', 'Files', 'gzip', 'Weights'],
    [
      ['Before', bytes(before.raw), bytes(before.gzip), listed(counts[0])],
      ['After', bytes(after.raw), bytes(after.gzip), listed(counts[1])],
    ],
  );
  console.log(`Saved to ${out}.`);
}
