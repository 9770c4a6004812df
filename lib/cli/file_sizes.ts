import {createReadStream} from 'node:fs';
import {readFile, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {createGzip} from 'node:zlib';

import {localPath} from '../files/node/local_path';
import {MODEL_FILE} from '../files/node/model_files';
import {parseModelJSON} from '../files/node/model_json';
import {shardsOf} from '../files/node/shards';

/** Bytes of a model's files, as they are and by gzip -6, as servers send them. */
export interface FileSizes {
  raw: number;
  gzip: number;
}

/** The sizes of the files that loading the model at `path` reads. */
export async function fileSizes(path: string): Promise<FileSizes> {
  const sizes = await Promise.all((await filesOf(localPath(path))).map(sizesOf));
  const sum = (key: keyof FileSizes) => sizes.reduce((all, size) => all + size[key], 0);
  return {raw: sum('raw'), gzip: sum('gzip')};
}

async function filesOf(path: string): Promise<string[]> {
  const isDirectory = (await stat(path)).isDirectory();
  if (!isDirectory && !path.endsWith('.json')) {
    return [path];
  }
  const model = isDirectory ? join(path, MODEL_FILE) : path;
  const {weightsManifest} = parseModelJSON(model, await readFile(model, 'utf8'));
  const groups = await Promise.all(weightsManifest.map((group) => shardsOf(model, group)));
  return [model, ...groups.flat().map((shard) => shard.path)];
}

async function sizesOf(file: string): Promise<FileSizes> {
  let gzip = 0;
  for await (const chunk of createReadStream(file).pipe(createGzip())) {
    gzip += (chunk as Buffer).length;
  }
  return {raw: (await stat(file)).size, gzip};
}
