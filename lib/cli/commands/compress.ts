import {type Command, Option} from 'commander';

import {check} from '../../base/check';
import type {CompressedArgs} from '../../files/io';
import {startBackend} from '../backend';
import {fileSizes} from '../file_sizes';
import {checkOutput, formatOf, type OutputOptions, readModel, writeModel} from '../model_file';
import {inFloats, quantizedCounts} from '../model_weights';
import {bytes, printJSON, printTable, type PrintOptions} from '../output';
import {given, numberOf, outputOptions} from '../parse';

interface Options extends OutputOptions, PrintOptions {
  format?: 'tfjs' | 'packed';
  quantize?: 'uint8' | 'uint16' | 'float16';
  clusters?: number;
  shardBytes?: number;
  precompress?: Array<'gzip' | 'br'>;
}

export function addCompress(program: Command): void {
  const command = program
    .command('compress')
    .argument('<model>', 'directory, model.json or packed file')
    .description('Writes the model smaller: rounded, packed, or with compressed files beside it.')
    .addOption(
      new Option('--format <format>', 'default: packed where --out ends with .tfpack').choices([
        'tfjs',
        'packed',
      ]),
    )
    .addOption(
      new Option('--quantize <type>', 'round the weights, also those quantized otherwise').choices([
        'uint8',
        'uint16',
        'float16',
      ]),
    )
    .option('--clusters <n>', 'values that the weights of a packed model share, 2 to 256', numberOf)
    .option('--shardBytes <n>', 'bytes of a file of weights at most', numberOf)
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
  tfjs-prune compress models/sparse --quantize uint8 --precompress gzip br -o public/mnist`,
    );
  outputOptions(command).action(compress);
}

export function addDecompress(program: Command): void {
  const command = program
    .command('decompress')
    .argument('<model>', 'packed file, directory or model.json')
    .description('Writes the model as tfjs does, with weights of float32.')
    .addHelpText('after', '\nExample:\n  tfjs-prune decompress mnist.tfpack -o models/mnist');
  outputOptions(command).action(decompress);
}

async function compress(path: string, options: Options): Promise<void> {
  await checkOutput(options);
  const {out, quantize, clusters, shardBytes, precompress} = options;
  const both = quantize !== undefined && clusters !== undefined;
  check(!both, '--clusters', 'no --quantize beside it', quantize);
  const {format = formatOf(out)} = options;
  // What is quantized already has to be decoded.
  await startBackend();
  const stored = await readModel(path);
  const args: CompressedArgs = {
    format,
    quantize: clusters === undefined ? (quantize ?? {}) : {clusters},
    ...given({shardBytes, precompress}),
  };
  await writeModel(options, stored, args);
  await report(path, options);
  const same = quantizedCounts(stored)[quantize ?? ''];
  if (same !== undefined && !options.json) {
    console.log(`Weights that were ${quantize} already stay as they were: ${same}.`);
  }
}

async function decompress(path: string, options: OutputOptions & PrintOptions): Promise<void> {
  await checkOutput(options);
  await startBackend();
  const stored = await readModel(path);
  await writeModel(options, inFloats(stored), {format: 'tfjs'});
  await report(path, options);
}

/** Sizes on disk before and after. */
async function report(path: string, {out, json}: OutputOptions & PrintOptions): Promise<void> {
  const [before, after] = [await fileSizes(path), await fileSizes(out)];
  if (json) {
    printJSON({out, before, after});
    return;
  }
  printTable(
    ['', 'Files', 'gzip'],
    [
      ['Before', bytes(before.raw), bytes(before.gzip)],
      ['After', bytes(after.raw), bytes(after.gzip)],
    ],
  );
  console.log(`Saved to ${out}.`);
}
