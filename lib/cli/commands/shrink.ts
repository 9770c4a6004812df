import type {LayersModel} from '@tensorflow/tfjs-layers';
import {type Command, Option} from 'commander';

import {check} from '../../base/check';
import type {
  StructuredPruning,
  StructuredPruningArgs,
} from '../../callbacks/base/structured_pruning';
import {ChannelPruner} from '../../callbacks/channel_pruner';
import {NeuronPruner} from '../../callbacks/neuron_pruner';
import {type ChannelGroup, channelGroups} from '../../channels/groups/channel_groups';
import {areFilters, areUnits} from '../../channels/groups/kind';
import {withEmptyWeights} from '../../model/empty_weights';
import {countMacs} from '../../report/macs';
import {shrink, type ShrinkReport} from '../../shrink/shrink';
import {startBackend} from '../backend';
import {
  checkOutput,
  freeModel,
  layersModelOf,
  type OutputOptions,
  readModel,
  writeModel,
} from '../model_file';
import {keepQuantized, writtenModel} from '../model_weights';
import {printJSON, printTable, type PrintOptions} from '../output';
import {dequantizeOption, given, numberOf, outputOptions} from '../parse';
import {keptCounts, printKept, type QuantizedOptions} from '../quantized';

interface Options extends OutputOptions, PrintOptions, QuantizedOptions {
  channels?: number;
  neurons?: number;
  importance?: 'l2' | 'l1' | 'groupL2' | 'gamma' | 'fpgm' | 'random';
  scope?: 'layer' | 'global';
  roundTo?: number;
  ignore?: string[];
}

export function addShrink(program: Command): void {
  const command = program
    .command('shrink')
    .argument('<model>', 'directory, model.json or packed file of a LayersModel')
    .description(
      'Removes channels and units: those that are zero, and by --channels or --neurons the ' +
        'least important of the rest. Train the result on to regain its accuracy.',
    )
    .option('--channels <share>', 'share of the filters of convolutions to remove', numberOf)
    .option('--neurons <share>', 'share of dense and recurrent units to remove', numberOf)
    .addOption(
      new Option('--importance <name>', 'default: l2').choices([
        'l2',
        'l1',
        'groupL2',
        'gamma',
        'fpgm',
        'random',
      ]),
    )
    .addOption(
      new Option('--scope <scope>', 'each layer alone, or all together').choices([
        'layer',
        'global',
      ]),
    )
    .option('--roundTo <n>', 'keep a multiple of so many', numberOf)
    .option('--ignore <name...>', 'layers to leave alone')
    .addHelpText(
      'after',
      '\nExample:\n  tfjs-prune shrink models/cnn --channels 0.5 --roundTo 8 -o models/half',
    );
  dequantizeOption(outputOptions(command)).action(run);
}

async function run(path: string, options: Options): Promise<void> {
  await checkOutput(options);
  await startBackend();
  const stored = await readModel(path);
  const model = await layersModelOf(stored);
  const {out, channels, neurons, importance, scope, roundTo, ignore} = options;
  const shared = {importance, scope, roundTo, ignore};
  const groups = channelGroups(model);
  const isAny = (isOfKind: (group: ChannelGroup) => boolean) =>
    groups.some((group) => isOfKind(group) && group.frozen === undefined);
  // Asked for both, a model may have one of them alone.
  const both = channels !== undefined && neurons !== undefined;
  if (!both || isAny(areFilters) || !isAny(areUnits)) {
    await removeAtOnce(model, ChannelPruner, channels, shared);
  }
  if (!both || isAny(areUnits) || !isAny(areFilters)) {
    await removeAtOnce(model, NeuronPruner, neurons, shared);
  }
  let report: ShrinkReport | undefined;
  // Its layers get the weights of the old ones: what would initialize them may take for ever.
  const smaller = await withEmptyWeights(path, Infinity, () =>
    shrink(model, {onReport: (given) => (report = given)}),
  );
  const macs = {before: countMacs(model).macs, after: countMacs(smaller).macs};
  const written = writtenModel(smaller, stored);
  await writeModel(options, options.dequantize ? written : keepQuantized(written, stored));
  [model, smaller].forEach(freeModel);
  const {groups: shrunk, before, after} = report!;
  if (options.json) {
    printJSON({
      out,
      quantized: keptCounts(stored, options),
      parameters: {before, after},
      macs,
      groups: shrunk,
    });
    return;
  }
  printTable(
    ['Layers', 'Channels', 'Left', 'Note'],
    shrunk.map(({layers, size, removed, frozen}) => [
      layers.join(', '),
      size,
      size - removed.length,
      frozen ?? '',
    ]),
  );
  printTable(
    ['', 'Before', 'After'],
    [
      ['Parameters', before, after],
      ['Multiply-accumulates', macs.before, macs.after],
    ],
  );
  printKept(stored, options);
  console.log(`Saved to ${out}.`);
}

type Pruner = new (args: StructuredPruningArgs) => StructuredPruning;

/** What the callback does in a first step, without training. */
async function removeAtOnce(
  model: LayersModel,
  Pruner: Pruner,
  share: number | undefined,
  args: Partial<StructuredPruningArgs>,
): Promise<void> {
  if (share === undefined) {
    return;
  }
  check(share > 0 && share < 1, 'sparsity', 'a share between 0 and 1', share);
  if (model.optimizer == null) {
    model.compile({optimizer: 'sgd', loss: 'meanSquaredError'});
  }
  const schedule = {initialSparsity: share, finalSparsity: share, beginStep: 0, endStep: 0};
  const pruner = new Pruner({...schedule, ...given(args)});
  pruner.setModel(model);
  await pruner.onTrainBegin();
  await pruner.onTrainEnd();
}
