import {readFile} from 'node:fs/promises';

import {type Command, Option} from 'commander';

import {PruningError} from '../../base/errors';
import {within} from '../../base/within';
import {compressed} from '../../files/io';
import {fileError} from '../../files/node/file_error';
import {compileBy} from '../../recipe/compile';
import {checkRecipe, type Recipe} from '../../recipe/recipe';
import {
  type RecipeProgress,
  recipeCallbacks,
  type RecipeStepReport,
  runRecipe,
} from '../../recipe/run_recipe';
import {startTrainingBackend, TRAINING_BACKENDS} from '../../workers/backend';
import {importData} from '../../workers/data_module';
import {fileSizes} from '../file_sizes';
import {judge} from '../judge';
import {checkOutput, layersModelOf, type OutputOptions, readModel, writeModel} from '../model_file';
import {writtenModel} from '../model_weights';
import {bytes, figure, percent, printJSON, printTable, type PrintOptions} from '../output';
import {given, outputOptions} from '../parse';

interface Options extends OutputOptions, PrintOptions {
  model: string;
  data: string;
  teacher?: string;
  backend?: (typeof TRAINING_BACKENDS)[number];
}

export function addTrain(program: Command): void {
  const command = program
    .command('train')
    .argument('<recipe>', 'JSON file; docs/recipes.md describes it')
    .description('Trains a LayersModel by a recipe: pruning, distillation, quantization, packing.')
    .requiredOption('--model <path>', 'directory, model.json or packed file')
    .requiredOption('--data <module>', "ES module that exports 'train', and optionally 'test'")
    .option('--teacher <path>', 'teacher of the steps with distill; default: --model')
    .addOption(
      new Option('--backend <name>', 'default: the fastest that is installed').choices(
        TRAINING_BACKENDS,
      ),
    )
    .addHelpText(
      'after',
      '\nExample:\n  tfjs-prune train recipe.json --model models/mnist --data data.mjs -o mnist.tfpack',
    );
  outputOptions(command).action(train);
}

async function train(path: string, options: Options): Promise<void> {
  const {out, json} = options;
  await checkOutput(options);
  const recipe = await readRecipe(path, out);
  const backend = await startTrainingBackend(options.backend);
  const stored = await readModel(options.model);
  const model = await layersModelOf(stored);
  const teacher = options.teacher
    ? await layersModelOf(await readModel(options.teacher))
    : undefined;
  const {test, ...data} = await importData(options.data);
  if (!json) {
    console.log(`Backend: ${backend}`);
  }
  // What is wrong in the recipe is refused before the first evaluation.
  recipeCallbacks(recipe, data);
  compileBy(recipe, model);
  const before = await judge(model, test);
  const {model: trained, steps} = await runRecipe(model, recipe, {
    ...data,
    ...given({teacher, onProgress: json ? undefined : printEpoch}),
    verbose: 0,
  });
  const after = await judge(trained, test);
  await writeModel(options, writtenModel(trained, stored), recipe.pack);
  const files = {before: await fileSizes(options.model), after: await fileSizes(out)};
  if (json) {
    printJSON({out, backend, steps, test: {before, after}, files});
    return;
  }
  printSteps(steps);
  const metrics = Object.keys(after).map((name) => [
    `Test ${name}`,
    figure(name, before[name]),
    figure(name, after[name]),
  ]);
  printTable(
    ['', 'Before', 'After'],
    [
      ...metrics,
      ['Files', bytes(files.before.raw), bytes(files.after.raw)],
      ['Files, gzip', bytes(files.before.gzip), bytes(files.after.gzip)],
    ],
  );
  console.log(`Saved to ${out}.`);
}

/** The recipe at `path`, checked as far as it can be without data. */
async function readRecipe(path: string, out: string): Promise<Recipe> {
  const text = await readFile(path, 'utf8').catch(fileError(path, 'a recipe'));
  let recipe: unknown;
  try {
    recipe = JSON.parse(text);
  } catch (cause) {
    throw new PruningError(path, 'JSON', (cause as Error).message, {cause});
  }
  checkRecipe(recipe);
  within('pack', () => compressed(out, recipe.pack));
  return recipe;
}

/** A line an epoch: what `fit` says of it, and how long the rest will take. */
function printEpoch({name, epoch, epochs, logs, secondsLeft}: RecipeProgress): void {
  // tfjs lists those of the validation first.
  const names = Object.keys(logs).sort(
    (a, b) => Number(isOfValidation(a)) - Number(isOfValidation(b)),
  );
  const figures = names.map((each) => `${each} ${figure(each, logs[each])}`);
  const left = secondsLeft > 0 ? `; ${secondsLeft.toFixed(0)} s left` : '';
  console.log(`${name}, epoch ${epoch}/${epochs}: ${figures.join(', ')}${left}`);
}

function printSteps(steps: readonly RecipeStepReport[]): void {
  printTable(
    ['Step', 'Epochs', 'Seconds', 'Sparsity', 'Parameters'],
    steps.map(({name, epochs, seconds, sparsity, parameters}) => [
      name,
      epochs,
      seconds.toFixed(1),
      percent(sparsity),
      parameters,
    ]),
  );
}

function isOfValidation(name: string): boolean {
  return name.startsWith('val_');
}
