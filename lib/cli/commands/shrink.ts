import {type Command, Option} from 'commander';

import {check} from '../../base/check';
import {pruneChannelsNow} from '../../by_hand/prune_channels_now';
import {CHANNEL_SCOPES, type ChannelScope} from '../../channels/channel_choice';
import {withEmptyWeights} from '../../model/empty_weights';
import {countMacs} from '../../report/macs';
import {shrink, type ShrinkReport} from '../../shrink/shrink';
import {startBackendFor} from '../../workers/backend';
import {checkCalibrationOptions, printReconstruction, withCalibration} from '../calibration';
import {calibrationOptions, type CalibrationOptions} from '../data_options';
import {layersInputs} from '../input_spec';
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
import {dequantizeOption, given, namesOf, numberOf, outputOptions} from '../parse';
import {keptCounts, printKept, type QuantizedOptions} from '../quantized';

interface Options extends CalibrationOptions, OutputOptions, PrintOptions, QuantizedOptions {
  channels?: number;
  neurons?: number;
  importance?: 'reconstruction' | 'l2' | 'l1' | 'groupL2' | 'gamma' | 'fpgm' | 'random';
  scope?: ChannelScope;
  roundTo?: number;
  ignore?: Array<string | RegExp>;
}

export function addShrink(program: Command): void {
  const command = program
    .command('shrink')
    .argument('<model>', 'directory, model.json or packed file of a LayersModel')
    .description(
      'Removes channels and units: those that are zero, and with --channels or --neurons the ' +
        'least important of the rest. With --data, it adjusts the layers that read them; ' +
        'without --data, train the result to regain its accuracy.',
    )
    .option('--channels <share>', 'share of the filters of convolutions to remove', numberOf)
    .option('--neurons <share>', 'share of dense and recurrent units to remove', numberOf)
    .addOption(
      new Option('--importance <name>', 'default: l2; with --data, reconstruction').choices([
        'reconstruction',
        'l2',
        'l1',
        'groupL2',
        'gamma',
        'fpgm',
        'random',
      ]),
    )
    .addOption(
      new Option(
        '--scope <scope>',
        'choose in each layer (default), in all layers together, or in layers that are alike',
      ).choices([...CHANNEL_SCOPES]),
    )
    .option('--round-to <n>', 'keep a multiple of this number of channels', numberOf)
    .option(
      '--ignore <name...>',
      'layers to leave alone: names, or expressions such as /^conv/',
      namesOf,
    )
    .addHelpText(
      'after',
      `
Examples:
  tfjs-prune shrink models/cnn --channels 0.5 --round-to 8 -o models/half
  tfjs-prune shrink models/cnn --channels 0.5 --neurons 0.5 --data inputs.npy -o models/half`,
    );
  dequantizeOption(outputOptions(calibrationOptions(command))).action(run);
}

async function run(path: string, options: Options): Promise<void> {
  checkCalibrationOptions(options);
  await checkOutput(options);
  await startBackendFor(options);
  const stored = await readModel(path);
  const expected =
    "a LayersModel, since a graph's channels cannot be told apart: 'prune' takes it as it is, " +
    'or convert the original as a LayersModel';
  check(stored.kind === 'layers', path, expected, 'a GraphModel');
  const model = await layersModelOf(stored);
  const {out, channels, neurons, importance, scope, roundTo, ignore} = options;
  const shares = given({channels, neurons});
  const isAny = Object.keys(shares).length > 0;
  check(
    options.data === undefined || isAny,
    '--data',
    'none without --channels or --neurons',
    options.data,
  );
  Object.entries(shares).forEach(([name, share]) =>
    check(share > 0 && share < 1, `--${name}`, 'a share between 0 and 1', share),
  );
  const args = {...shares, ...given({importance, scope, roundTo, ignore})};
  const {reconstruction} = isAny
    ? await withCalibration(stored, layersInputs(model), options, (calibration) =>
        pruneChannelsNow(model, {...args, ...calibration}),
      )
    : {};
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
      ...given({reconstruction}),
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
  printReconstruction(reconstruction);
  printKept(stored, options);
  console.log(`Saved to ${out}.`);
}
