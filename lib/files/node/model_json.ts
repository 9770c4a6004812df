import {normalize} from 'node:path';
import {types} from 'node:util';

import type {io} from '@tensorflow/tfjs-core';

import {check} from '../../base/check';
import {fileError} from './file_error';

/**
 * The text of the `model.json` of `artifacts`, with their weights in these files.
 *
 * @param path Where the text will be; named in errors.
 * @param weightsFiles The names of the weights' files, beside the `model.json`.
 */
export function formatModelJSON(
  path: string,
  artifacts: io.ModelArtifacts,
  weightsFiles: readonly string[],
): string {
  const {modelTopology} = artifacts;
  check(
    isObject(modelTopology) && !isBinary(modelTopology),
    path,
    'a modelTopology that is JSON',
    modelTopology,
  );
  const json: io.ModelJSON = {
    modelTopology,
    weightsManifest: [{paths: [...weightsFiles], weights: artifacts.weightSpecs ?? []}],
    format: artifacts.format,
    generatedBy: artifacts.generatedBy,
    convertedBy: artifacts.convertedBy,
    // `null` means absent, and tfjs-node then writes no field.
    trainingConfig: artifacts.trainingConfig ?? undefined,
    signature: artifacts.signature ?? undefined,
    userDefinedMetadata: artifacts.userDefinedMetadata ?? undefined,
    modelInitializer: artifacts.modelInitializer ?? undefined,
    initializerSignature: artifacts.initializerSignature ?? undefined,
  };
  try {
    return JSON.stringify(json);
  } catch (error) {
    return fileError(path, 'artifacts that can be written as JSON')(error);
  }
}

/** The inverse of `formatModelJSON`, for whatever wrote `text`; `path` is named in errors. */
export function parseModelJSON(path: string, text: string): io.ModelJSON {
  const json = parse(path, text);
  check(isObject(json), path, 'a JSON object', json);
  const {modelTopology, weightsManifest} = json as Partial<io.ModelJSON>;
  check(isObject(modelTopology), path, 'a modelTopology', modelTopology);
  check(Array.isArray(weightsManifest), path, 'a weightsManifest', weightsManifest);
  for (const group of weightsManifest) {
    check(isGroup(group), path, 'a weightsManifest of groups with paths and weights', group);
  }
  const files = (json as io.ModelJSON).weightsManifest
    .flatMap((group) => group.paths)
    .map(normalize);
  const twice = files.find((file, i) => files.indexOf(file) < i);
  check(twice === undefined, path, 'a weightsManifest that names each file once', twice);
  return json as io.ModelJSON;
}

function parse(path: string, text: string): unknown {
  const isPacked = text.startsWith('TFPK');
  check(!isPacked, path, "a model.json, or the format 'packed'", 'a packed file');
  try {
    return JSON.parse(text);
  } catch (error) {
    return fileError(path, 'JSON')(error);
  }
}

function isGroup(group: unknown): boolean {
  const {paths, weights} = (group ?? {}) as Partial<io.WeightsManifestConfig[number]>;
  return (
    Array.isArray(paths) &&
    paths.every((path) => typeof path === 'string') &&
    Array.isArray(weights) &&
    weights.every(isObject)
  );
}

function isBinary(value: object): boolean {
  return types.isAnyArrayBuffer(value) || ArrayBuffer.isView(value);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
