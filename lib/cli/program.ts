import {Command, CommanderError} from 'commander';

import {PruningError} from '../base/errors';
import {addAuto} from './commands/auto';
import {addCompare} from './commands/compare';
import {addCompress, addDecompress} from './commands/compress';
import {addInspect} from './commands/inspect';
import {addPrune} from './commands/prune';
import {addSensitivity} from './commands/sensitivity';
import {addShrink} from './commands/shrink';
import {addTrain} from './commands/train';
import {addWorker} from './commands/worker';
import {messageOf, oneLine, type PrintOptions} from './output';
import {showProgress} from './progress';

/** What a command ends with. */
const DONE = 0;
const FAULT = 1;
const REFUSED = 2;

const COMMANDS = [
  addInspect,
  addPrune,
  addShrink,
  addCompress,
  addDecompress,
  addCompare,
  addSensitivity,
  addAuto,
  addTrain,
  addWorker,
];

/**
 * Runs a command. Whatever goes wrong is told in one line on stderr.
 *
 * @param args The words after the name of the program.
 * @param version What `--version` prints.
 * @returns The exit code: 0 for done, 2 for what the user can mend, 1 for any other error.
 */
export async function runProgram(args: readonly string[], version: string): Promise<number> {
  const program = new Command('tfjs-prune')
    .description('Prunes, shrinks, compresses and trains TensorFlow.js models.')
    .version(version)
    .configureOutput({
      outputError: (text, write) => write(`${oneLine(text)}${hintFor(program, args, text)}\n`),
    })
    .exitOverride();
  COMMANDS.forEach((add) => add(program));
  const required = program.commands.flatMap(({options}) =>
    options.filter(({mandatory}) => mandatory),
  );
  // Commander would look for these first, and not say that one is misspelled.
  required.forEach((option) => option.makeOptionMandatory(false));
  program.hook('preAction', (_, command) => {
    const given = command.opts<Record<string, unknown>>();
    const missing = required.find(
      (option) => command.options.includes(option) && given[option.attributeName()] === undefined,
    );
    if (missing) {
      command.error(`error: required option '${missing.flags}' not specified`);
    }
    showProgress(!command.opts<PrintOptions>().json);
  });
  try {
    await program.parseAsync(args, {from: 'user'});
    return DONE;
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has printed its own line.
      return error.exitCode === 0 ? DONE : REFUSED;
    }
    // tfjs does not say that memory is full: its module fails.
    const isFull = error instanceof WebAssembly.RuntimeError;
    const reason = messageOf(error);
    const told = isFull ? `the 4 GB of WebAssembly's memory are probably full (${reason})` : reason;
    console.error(`error: ${oneLine(told)}`);
    return isFull || error instanceof PruningError ? REFUSED : FAULT;
  }
}

/** Where the model is missing since it was read as one of a list. */
function hintFor(program: Command, args: readonly string[], message: string): string {
  const lists = program.commands
    .filter((command) => command.name() === args[0])
    .flatMap(({options}) => options.filter(({variadic}) => variadic));
  const list = lists.find(({long}) => long !== undefined && args.includes(long));
  return message.includes('missing required argument') && list
    ? ` (it goes before ${list.long}, which takes all names that follow)`
    : '';
}
