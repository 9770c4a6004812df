#!/usr/bin/env node
import {Command} from 'commander';

import {version} from '../../package.json';
import {PruningError} from '../base/errors';
import {addCompare} from './commands/compare';
import {addCompress, addDecompress} from './commands/compress';
import {addInspect} from './commands/inspect';
import {addPrune} from './commands/prune';
import {addShrink} from './commands/shrink';
import {addTrain} from './commands/train';
import type {PrintOptions} from './output';
import {showProgress} from './progress';

const program = new Command('tfjs-prune')
  .description('Prunes, shrinks, compresses and trains TensorFlow.js models.')
  .version(version)
  // What it refuses is the user's to mend, as what this library refuses is.
  .exitOverride(({exitCode}) => process.exit(exitCode === 0 ? 0 : 2));
program.hook('preAction', (_, command) => showProgress(!command.opts<PrintOptions>().json));
for (const add of [
  addInspect,
  addPrune,
  addShrink,
  addCompress,
  addDecompress,
  addCompare,
  addTrain,
]) {
  add(program);
}

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof PruningError)) {
    throw error;
  }
  console.error(`error: ${error.message}`);
  process.exitCode = 2;
}
