import {type Command, InvalidArgumentError} from 'commander';

import type {Structure} from '../weights/structure';

/** A number on the command line. */
export function numberOf(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) {
    throw new InvalidArgumentError('It must be a number.');
  }
  return value;
}

/** For an option of several names: one more of them, a text between slashes as an expression. */
export function namesOf(text: string, before: ReadonlyArray<string | RegExp> = []) {
  return [...before, nameOf(text)];
}

function nameOf(text: string): string | RegExp {
  const [, source, flags] = /^\/(.+)\/(i?)$/.exec(text) ?? [];
  if (source === undefined) {
    return text;
  }
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

const PATTERNS =
  'n:m such as 2:4 (2:4:outputs along the outputs), rows x columns such as 4x1, input, or window.';

/** `2:4`, `2:4:outputs`, `4x1`, `input` or `window`. */
export function structureOf(text: string): Structure {
  if (text === 'input' || text === 'window') {
    return {block: text};
  }
  const [, rows, columns] = /^(\d+)x(\d+)$/.exec(text) ?? [];
  if (rows !== undefined) {
    return {block: [Number(rows), Number(columns)]};
  }
  const [, n, m, along] = /^(\d+):(\d+)(?::(inputs|outputs))?$/.exec(text) ?? [];
  if (n === undefined) {
    throw new InvalidArgumentError(`It must be ${PATTERNS}`);
  }
  return {n: Number(n), m: Number(m), ...given({along: along as 'inputs' | 'outputs' | undefined})};
}

/** The options that were given: absent is not the same as undefined. */
export function given<T extends object>(options: T): Partial<T> {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<T>;
}

/** The options of commands that write a model. */
export function outputOptions(command: Command): Command {
  return command
    .requiredOption(
      '-o, --out <path>',
      'a directory, or a file ending with .tfpack to pack the model',
    )
    .option('--force', 'replace existing files')
    .option('--json', 'print JSON');
}

/** The option of commands that keep weights quantized. */
export function dequantizeOption(command: Command): Command {
  return command.option(
    '--dequantize',
    'write float32 weights, even if the model has quantized ones',
  );
}
