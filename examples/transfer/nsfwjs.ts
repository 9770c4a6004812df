import {readdirSync} from 'node:fs';
import {createRequire} from 'node:module';
import {join, resolve} from 'node:path';

import type {io} from '@tensorflow/tfjs-core';

import {published} from './published';

const PACKAGE = 'nsfwjs@4.3.0';

/** A model of nsfwjs, which ships its files as scripts with base64 in them. */
export function nsfwjs(name: string): io.ModelArtifacts {
  const folder = resolve(published(PACKAGE), 'dist/models', name);
  const require = createRequire(join(folder, 'here.js'));
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
    modelTopology: json.modelTopology,
    format: json.format,
    weightSpecs: json.weightsManifest.flatMap(({weights}) => weights),
    weightData: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
  };
}
