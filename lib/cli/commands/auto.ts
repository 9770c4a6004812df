import type {LayersModel} from '@tensorflow/tfjs-layers';
import type {Command} from 'commander';

import {autoPrune} from '../../auto/auto_prune';
import type {AutoPruneReport} from '../../auto/auto_prune_report';
import {checkBudget} from '../../auto/budget';
import {checkGoal, type GoalArgs} from '../../auto/goal';
import type {AutoPruneProgress} from '../../auto/progress';
import {checkInteger} from '../../base/check';
import {version} from '../../base/version';
import {stripPruning} from '../../by_hand/strip';
import type {Granularity} from '../../callbacks/granularity';
import {channelGroups} from '../../channels/groups/channel_groups';
import {fileJournal} from '../../files/node/file_journal';
import {localPath} from '../../files/node/local_path';
import {replaceText} from '../../files/node/replace_text';
import {sparsityReport} from '../../report/report';
import {shrink} from '../../shrink/shrink';
import {trainingOf} from '../../workers/load_material';
import {fileSizes} from '../file_sizes';
import {judge} from '../judge';
import {checkOutput, type OutputOptions, writeModel} from '../model_file';
import {writtenModel} from '../model_weights';
import {checkNewFile} from '../new_file';
import {bytes, figure, printJSON, printTable} from '../output';
import {given, numberOf} from '../parse';
import type {LayerLeft} from '../report/bars';
import {pageOf} from '../report/page';
import {searchInputs} from '../search_inputs';
import {searchOptions, type SearchOptions} from '../search_options';
import {nameOf, TrialTable} from '../trial_table';

interface Options extends SearchOptions, OutputOptions, Omit<GoalArgs, 'maxDrop'> {
  maxDrop?: number;
  epochs: number;
  budget?: number;
  minutes?: number;
  journal?: string;
  report?: string;
}

export function addAuto(program: Command): void {
  const command = program
    .command('auto')
    .argument('<model>', 'directory, model.json or packed file')
    .description('Finds how far a LayersModel can be pruned, then prunes and trains it that way.')
    .option('--max-drop <drop>', 'goal: largest drop of the metric, 0.002 is 0.2 points', numberOf)
    .option(
      '--sparsity <share>',
      'goal: share of the weights, channels or units to prune',
      numberOf,
    )
    .option('--size <bytes>', 'goal: bytes of the remaining parameters, 4 each', numberOf)
    .option('--macs <n>', 'goal: multiply-accumulates of one prediction', numberOf)
    .option('--millis <ms>', 'goal: time of one prediction on this machine', numberOf)
    .requiredOption('-o, --out <path>', 'a directory, or a file ending with .tfpack')
    .option('--epochs <n>', 'epochs of the longest training', numberOf, 3)
    .option(
      '--budget <epochs>',
      'epochs of all trainings together; default: 6 times --epochs',
      numberOf,
    )
    .option('--minutes <n>', 'time for the whole search', numberOf)
    .option('--journal <file>', 'records the trials, to resume after a break')
    .option('--report <path>', 'path of the report, without .html or .json; default: OUT-report');
  searchOptions(command, "'train' and 'validation'")
    .addHelpText(
      'after',
      '\nExample:\n  tfjs-prune auto models/mnist --data data.mjs --loss categoricalCrossentropy' +
        ' --max-drop 0.002 -o models/sparse',
    )
    .action(auto);
}

async function auto(path: string, options: Options): Promise<void> {
  const {out, json, epochs, journal} = options;
  const {maxDrop, sparsity, size, macs, millis} = options;
  const goal = given({maxDrop, sparsity, size, macs, millis});
  checkGoal(goal);
  checkInteger('--epochs', epochs, 1);
  const budget = given({epochs: options.budget, minutes: options.minutes});
  checkBudget(budget, epochs);
  await checkOutput(options);
  const base = options.report ?? `${out.replace(/\.tfpack$/i, '').replace(/[/\\]+$/, '')}-report`;
  await checkNewFile('--report', `${base}.html`, options.force);
  await checkNewFile('--report', `${base}.json`, options.force);
  const {model, data, stored, args, backend, place} = await searchInputs(path, options, ['train']);
  const {metric, granularity = 'weight'} = args;
  const tested = {before: await judge(model, data.test), after: {}};
  const table = json ? null : new TrialTable(typeof metric === 'string' ? metric : 'metric');
  let report: AutoPruneReport;
  try {
    ({report} = await autoPrune(model, {
      ...args,
      ...goal,
      train: trainingOf(data.train!, epochs),
      validation: data.validation,
      budget,
      ...given({journal: journal ? fileJournal(journal) : undefined}),
      onProgress: (progress: AutoPruneProgress) => table?.show(progress),
    }));
    table?.stop(report.trials.map((trial) => ({candidate: trial, outcome: trial})));
  } finally {
    table?.stop();
  }
  const left = await layersLeft(model, granularity);
  const pruned = granularity === 'weight' ? stripPruning(model) : await shrink(stripPruning(model));
  tested.after = await judge(pruned, data.test);
  await writeModel(options, writtenModel(pruned, stored));
  const files = {before: await fileSizes(path), after: await fileSizes(out)};
  const rows = rowsOf(report, tested, files);
  const date = new Date().toISOString().slice(0, 16).replace('T', ' ');
  const footer = `tfjs-prune ${version}, ${backend}, ${place}, ${report.epochs} epochs; ${date} UTC`;
  const all = {model: path, out, backend, report, layers: left, test: tested, files};
  await replaceText(
    localPath(`${base}.html`),
    pageOf({model: path, report, layers: left, rows, footer}),
  );
  await replaceText(localPath(`${base}.json`), `${JSON.stringify(all, null, 2)}\n`);
  if (json) {
    printJSON(all);
    return;
  }
  printTable(['', 'Before', 'After'], rows);
  console.log(`Chosen: ${nameOf(report.chosen)}.`);
  console.log(`Saved to ${out}; report in ${base}.html and ${base}.json.`);
}

/** Of each layer how many weights, channels or units are left. */
async function layersLeft(model: LayersModel, granularity: Granularity): Promise<LayerLeft[]> {
  const {weights, channels} = await sparsityReport(model);
  if (granularity !== 'weight') {
    const names = channelGroups(model).map(({name}) => name);
    return channels
      .filter(({name, frozen}) => frozen === undefined && names.includes(name))
      .map(({name, size, zero}) => ({name, size, left: size - zero.length}));
  }
  const layers = new Map<string, LayerLeft>();
  for (const {name, size, zeros} of weights) {
    const layer = name.slice(0, name.lastIndexOf('/'));
    const {size: all, left} = layers.get(layer) ?? {size: 0, left: 0};
    layers.set(layer, {name: layer, size: all + size, left: left + size - zeros});
  }
  return [...layers.values()];
}

type Row = [string, string, string];
type BeforeAfter<T> = Record<'before' | 'after', T>;

/** What people want to know first. */
function rowsOf(
  {metric, baseline, chosen, cost}: AutoPruneReport,
  test: BeforeAfter<Record<string, number>>,
  files: BeforeAfter<{raw: number; gzip: number}>,
): Row[] {
  const {before, after} = cost;
  const count = (value: number) => value.toLocaleString('en');
  const ms = (value = NaN) => `${value.toPrecision(3)} ms`;
  return [
    [`Validation ${metric}`, figure(metric, baseline), figure(metric, chosen.metric)],
    ...Object.keys(test.after).map((name): Row => [
      `Test ${name}`,
      figure(name, test.before[name]),
      figure(name, test.after[name]),
    ]),
    ['Parameters', count(before.parameters), count(after.parameters)],
    ['Multiply-accumulates', count(before.macs), count(after.macs)],
    ...(after.millis === undefined
      ? []
      : [['Time of a prediction', ms(before.millis), ms(after.millis)] as Row]),
    ['Files', bytes(files.before.raw), bytes(files.after.raw)],
    ['Files, gzip', bytes(files.before.gzip), bytes(files.after.gzip)],
  ];
}
