import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import type {io} from '@tensorflow/tfjs-core';

import {PruningError} from '../../../lib/base/errors';

/** Makes new directories, which go after the test file's last test. */
export function temporaryDirectories(): () => string {
  const made: string[] = [];
  afterAll(() => made.forEach((directory) => rmSync(directory, {recursive: true, force: true})));
  return () => {
    made.push(mkdtempSync(join(tmpdir(), 'tfjs-prune-')));
    return made[made.length - 1];
  };
}

/** A model of `size` weights that are all `value`, as is its metadata: a mixture of two shows. */
export function artifactsOf(value: number, size = 4): io.ModelArtifacts {
  return {
    modelTopology: {class_name: 'Sequential', value},
    format: 'layers-model',
    generatedBy: 'a test',
    convertedBy: null,
    userDefinedMetadata: {value},
    weightSpecs: [{name: 'w', shape: [size], dtype: 'float32'}],
    weightData: new Float32Array(size).fill(value).buffer,
  };
}

/** The value of an `artifactsOf` model; throws where it's not whole. */
export function valueOf(artifacts: io.ModelArtifacts): number {
  const {value} = artifacts.userDefinedMetadata as {value: number};
  expect(artifacts.modelTopology).toEqual({class_name: 'Sequential', value});
  const weights = new Float32Array(artifacts.weightData as ArrayBuffer);
  expect(weights.length).toBe(artifacts.weightSpecs![0].shape[0]);
  expect(weights.every((weight) => weight === value)).toBe(true);
  return value;
}

export function filesIn(directory: string): string[] {
  return readdirSync(directory).sort();
}

export function readModelJSON(directory: string): io.ModelJSON {
  return JSON.parse(readFileSync(join(directory, 'model.json'), 'utf8'));
}

/** The PruningError that `action` ends in. */
export async function errorOf(action: () => unknown): Promise<PruningError> {
  try {
    await action();
  } catch (error) {
    expect(error).toBeInstanceOf(PruningError);
    return error as PruningError;
  }
  throw new Error('Nothing was thrown.');
}
