import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {cpus} from 'node:os';
import {join} from 'node:path';

import {version as tfjsVersion} from '@tensorflow/tfjs-core/package.json';

import {version} from '../package.json';
import {BENCHES} from './benches';
import type {Bar} from './result';

/** The line of JSON that a benchmark ends with. */
export interface Result {
  name: string;
  backend: string;
  figures: Record<string, number>;
  bars: Record<string, Bar>;
  versions: Record<string, string>;
}

/** A result with what it takes to judge it, and to have it again. */
export interface StoredResult extends Result {
  command: string;
  /** Of the commit that was measured, with a + where files had changed since. */
  commit: string;
  date: string;
  seconds: number;
  machine: string;
}

/** Adds the circumstances of now to a result. */
export function inContext(result: Result, command: string, seconds: number): StoredResult {
  const git = (...args: string[]) => execFileSync('git', args, {encoding: 'utf8'}).trim();
  const changed = git('status', '--porcelain', '--', 'lib') !== '';
  const versions = {'tfjs-prune': version, tfjs: tfjsVersion, Node: process.versions.node};
  return {
    ...result,
    versions: {...versions, ...result.versions},
    command,
    commit: git('rev-parse', '--short=10', 'HEAD') + (changed ? '+' : ''),
    date: new Date().toISOString().slice(0, 10),
    seconds: Math.round(seconds),
    machine: `${cpus().length} cores, ${cpus()[0].model.trim()}`,
  };
}

export function store(folder: string, result: StoredResult): void {
  mkdirSync(folder, {recursive: true});
  const file = `${result.name}-${result.backend.replaceAll(', ', '+')}.json`;
  writeFileSync(join(folder, file), `${JSON.stringify(result, null, 2)}\n`);
}

/**
 * Whether `result` is of the benchmark `name`: that of another data set, or of a part, follows it.
 * `sparse_browser` is a benchmark of its own, no part of `sparse`.
 */
export function isOf(name: string, result: StoredResult): boolean {
  const starts = (bench: string) => `${result.name}_`.startsWith(`${bench}_`);
  return (
    starts(name) &&
    !Object.keys(BENCHES).some((other) => other.length > name.length && starts(other))
  );
}

/** Removes what was stored of one benchmark, so that what fails is absent, not old. */
export function forget(folder: string, name: string): void {
  readStored(folder)
    .filter(({result}) => isOf(name, result))
    .forEach(({file}) => rmSync(join(folder, file)));
}

/** All results in `folder`, by the names of their files. */
export function readStored(folder: string): Array<{file: string; result: StoredResult}> {
  const files = existsSync(folder) ? readdirSync(folder).sort() : [];
  return files
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({
      file,
      result: JSON.parse(readFileSync(join(folder, file), 'utf8')) as StoredResult,
    }));
}
