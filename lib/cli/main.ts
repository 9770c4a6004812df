#!/usr/bin/env node
import {version} from '../base/version';
import {messageOf, oneLine} from './output';
import {runProgram} from './program';

/** An error that no command could catch, such as one in a callback of a data module. */
function fail(error: unknown): never {
  console.error(`error: ${oneLine(messageOf(error))}`);
  process.exit(1);
}

// A reader such as `head` that has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  error.code === 'EPIPE' ? process.exit(0) : fail(error),
);
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
void runProgram(process.argv.slice(2), version).then((exitCode) => {
  process.exitCode = exitCode;
});
