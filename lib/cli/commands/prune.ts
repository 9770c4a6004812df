import {type Command, Option} from 'commander';

import type {PruneNowArgs} from '../../by_hand/masks_by_hand';
import {startBackendFor} from '../../workers/backend';
import {checkCalibrationOptions, printReconstruction} from '../calibration';
import {calibrationOptions, type CalibrationOptions} from '../data_options';
import {checkOutput, type OutputOptions, readModel, writeModel} from '../model_file';
import {inFloats, keepQuantized} from '../model_weights';
import {percent, printJSON, printTable, type PrintOptions} from '../output';
import {dequantizeOption, given, namesOf, numberOf, outputOptions, structureOf} from '../parse';
import {pruneGraph, pruneGraphByData} from '../prune_graph';
import {pruneLayers} from '../prune_layers';
import {keptCounts, printKept, type QuantizedOptions} from '../quantized';

interface Options
  extends
    CalibrationOptions,
    OutputOptions,
    PrintOptions,
    QuantizedOptions,
    Omit<PruneNowArgs, 'calibration' | 'signal' | 'onProgress'> {
  layers?: Array<string | RegExp>;
}

export function addPrune(program: Command): void {
  const command = program
    .command('prune')
    .argument('<model>', 'directory, model.json or packed file')
    .description(
      'Sets the least important weights to zero, without training or labels. With --data, it ' +
        'adjusts the kept weights to make up for the pruned ones.',
    )
    .requiredOption(
      '--sparsity <share>',
      'share of the weights that become zero, such as 0.8',
      numberOf,
    )
    .addOption(
      new Option(
        '--scope <scope>',
        'spread the sparsity by layer (default), over all weights, or by shape',
      ).choices(['layer', 'global', 'erk']),
    )
    .addOption(
      new Option(
        '--criterion <name>',
        'default: magnitude; for a GraphModel with --scope global, lamp',
      ).choices(['magnitude', 'lamp', 'random']),
    )
    .option(
      '--structure <pattern>',
      'n:m such as 2:4, blocks such as 4x1, or whole inputs or windows: input, window',
      structureOf,
    )
    .option(
      '--layers <name...>',
      'names of layers or weights, or expressions such as /^conv/; default: all kernels',
      namesOf,
    )
    .option(
      '--min-keep <share>',
      'smallest share of each weight that --scope global keeps',
      numberOf,
    )
    .option('--seed <n>', 'seed of --criterion random', numberOf)
    .addOption(
      new Option(
        '--mask <way>',
        'with --data, how to choose the weights; default: gradual',
      ).choices(['criterion', 'gradual', 'admm']),
    )
    .addHelpText(
      'after',
      `
Examples:
  tfjs-prune prune models/mnist --sparsity 0.8 --scope global -o models/sparse
  tfjs-prune prune models/mnist --sparsity 0.5 --structure 2:4 -o sparse.tfpack
  tfjs-prune prune models/mnist --sparsity 0.9 --scope global --data inputs.npy -o models/sparse`,
    );
  dequantizeOption(outputOptions(calibrationOptions(command))).action(prune);
}

async function prune(path: string, options: Options): Promise<void> {
  checkCalibrationOptions(options);
  await checkOutput(options);
  await startBackendFor(options);
  const stored = await readModel(path);
  const {out, json, layers, sparsity, scope, criterion, structure, minKeep, seed, mask} = options;
  const args = {sparsity, ...given({scope, criterion, structure, minKeep, seed, mask})};
  const {model, weights, reconstruction, dispose} =
    stored.kind === 'layers'
      ? await pruneLayers(stored, {...args, ...given({layers})}, options)
      : options.data === undefined
        ? await pruneGraph(stored, args, layers)
        : await pruneGraphByData(stored, {...args, ...given({layers})}, options);
  const written = options.dequantize ? inFloats(model) : keepQuantized(model, stored);
  await writeModel(options, written).finally(dispose);
  const sum = (key: 'size' | 'zeros') => weights.reduce((all, weight) => all + weight[key], 0);
  const all = {name: 'all', size: sum('size'), zeros: sum('zeros')};
  if (json) {
    printJSON({
      out,
      quantized: keptCounts(stored, options),
      weights,
      size: all.size,
      zeros: all.zeros,
      sparsity: all.zeros / all.size,
      ...given({reconstruction}),
    });
    return;
  }
  printTable(
    ['Weight', 'Weights', 'Zeros', 'Sparsity'],
    [...weights, all].map(({name, size, zeros}) => [name, size, zeros, percent(zeros / size)]),
  );
  printReconstruction(reconstruction);
  printKept(stored, options);
  console.log(`Saved to ${out}.`);
}
