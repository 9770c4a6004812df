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

/** `2:4` or `4x1`. */
export function structureOf(text: string): Structure {
  const [, first, sign, second] = /^(\d+)([:x])(\d+)$/.exec(text) ?? [];
  if (sign === undefined) {
    throw new InvalidArgumentError('It must be n:m such as 2:4, or rows x columns such as 4x1.');
  }
  return sign === ':'
    ? {n: Number(first), m: Number(second)}
    : {block: [Number(first), Number(second)]};
}

/** The options that were given: absent is not the same as undefined. */
export function given<T extends object>(options: T): Partial<T> {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<T>;
}

/** The options of commands that write a model. */
export function outputOptions(command: Command): Command {
  return command
    .requiredOption('-o, --out <path>', 'a directory, or a file ending with .tfpack for one packed')
    .option('--force', 'replace what is there')
    .option('--json', 'print JSON');
}

/** The option of commands that keep weights quantized. */
export function dequantizeOption(command: Command): Command {
  return command.option('--dequantize', 'write float32 weights where the model has quantized ones');
}
