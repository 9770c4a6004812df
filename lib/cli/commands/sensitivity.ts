import type {Command} from 'commander';

import {sensitivity} from '../../auto/sensitivity';
import type {SensitivityResult} from '../../auto/sensitivity_result';
import {sensitivitySvg} from '../../auto/sensitivity_svg';
import {check} from '../../base/check';
import {checkImportance, type Importance, measureOf} from '../../channels/importance';
import {localPath} from '../../files/node/local_path';
import {replaceText} from '../../files/node/replace_text';
import type {CriterionName} from '../../weights/criterion';
import {checkNewFile} from '../new_file';
import {figure, percent, printJSON, printTable} from '../output';
import {given, numberOf} from '../parse';
import {ProgressBar} from '../progress';
import {searchInputs} from '../search_inputs';
import {searchOptions, type SearchOptions} from '../search_options';

interface Options extends SearchOptions {
  out?: string;
  sparsities?: number[];
  criterion?: CriterionName;
  importance?: Importance;
}

export function addSensitivity(program: Command): void {
  const command = program
    .command('sensitivity')
    .argument('<model>', 'directory, model.json or packed file')
    .description('Measures a LayersModel with one layer pruned at a time, without training.')
    .option('-o, --out <file>', 'a picture (.svg) or the result as JSON (.json)')
    .option(
      '--sparsities <shares...>',
      'sparsities to try; default: 0.5 0.7 0.8 0.9 0.95 0.99',
      listOf,
    )
    .option('--criterion <name>', 'score of weights; default: magnitude')
    .option(
      '--importance <name>',
      "score of channels or units; default: l2; some need 'calibration' in --data",
    );
  searchOptions(command, "'validation'")
    .addHelpText(
      'after',
      '\nExample:\n  tfjs-prune sensitivity models/mnist --data data.mjs' +
        ' --loss categoricalCrossentropy -o picture.svg',
    )
    .action(measure);
}

async function measure(path: string, options: Options): Promise<void> {
  const {out, json, sparsities, criterion, importance} = options;
  await checkPicture(out, options.force);
  if (importance !== undefined) {
    checkImportance(importance);
  }
  const {model, data, args} = await searchInputs(path, options, []);
  const bar = new ProgressBar('Measuring');
  const {validation, calibration} = data;
  let result: SensitivityResult;
  try {
    result = await sensitivity(model, validation, {
      ...args,
      ...given({sparsities, criterion, importance}),
      ...(calibration && looksAtData(importance) ? {calibration} : {}),
      onProgress: ({done, total}) => bar.reach(done, total),
    });
  } finally {
    bar.stop();
  }
  if (out !== undefined) {
    const isPicture = out.toLowerCase().endsWith('.svg');
    const text = isPicture ? sensitivitySvg(result) : `${JSON.stringify(result, null, 2)}\n`;
    await replaceText(localPath(out), text);
  }
  if (json) {
    printJSON(result);
    return;
  }
  printResult(result);
  if (out !== undefined) {
    console.log(`Saved to ${out}.`);
  }
}

function looksAtData(importance: Importance | undefined): boolean {
  return importance !== undefined && measureOf(importance).data !== 'none';
}

async function checkPicture(out: string | undefined, force?: boolean): Promise<void> {
  if (out === undefined) {
    return;
  }
  check(/\.(svg|json)$/i.test(out), '--out', 'a file ending with .svg or .json', out);
  await checkNewFile('--out', out, force);
}

function printResult({granularity, metric, baseline, layers}: SensitivityResult): void {
  const sparsities = layers[0].points.map(({sparsity}) => sparsity);
  const size = {weight: 'Weights', channel: 'Channels', neuron: 'Units'}[granularity];
  printTable(
    [
      'Layer',
      size,
      '0 %',
      ...sparsities.map((sparsity) => `${Number((100 * sparsity).toFixed(3))} %`),
    ],
    layers.map((layer) => [
      layer.name,
      layer.size,
      figure(metric, baseline),
      ...layer.points.map((point) =>
        point.failed === undefined ? figure(metric, point.metric) : 'failed',
      ),
    ]),
  );
  const failed = layers.flatMap(({name, points}) =>
    points.flatMap((point) =>
      point.failed === undefined ? [] : [`${name} at ${percent(point.sparsity)}: ${point.failed}`],
    ),
  );
  failed.forEach((line) => console.log(`Failed: ${line}`));
}

/** One more number. */
function listOf(text: string, before: number[] = []): number[] {
  return [...before, numberOf(text)];
}
