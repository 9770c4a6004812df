import {createReadStream} from 'node:fs';
import {rm, stat} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {buffer} from 'node:stream/consumers';
import {pipeline} from 'node:stream/promises';
import {
  type BrotliCompress,
  constants,
  createBrotliCompress,
  createGzip,
  type Gzip,
} from 'node:zlib';

import {fileError} from './file_error';
import {moveInto, stagedPath, write} from './staging';

/** The names of content encodings for compressed files. */
export type ContentEncoding = 'gzip' | 'br';

export const CONTENT_ENCODINGS: readonly ContentEncoding[] = ['gzip', 'br'];

const EXTENSIONS: Readonly<Record<ContentEncoding, string>> = {gzip: '.gz', br: '.br'};

const {BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT, BROTLI_MAX_QUALITY} = constants;

/** Each at its best: a file is compressed once and downloaded often. */
const COMPRESSORS = {
  gzip: () => createGzip({level: 9}),
  br: (bytes: number) =>
    createBrotliCompress({
      params: {
        [BROTLI_PARAM_QUALITY]: BROTLI_MAX_QUALITY,
        [BROTLI_PARAM_SIZE_HINT]: Math.min(bytes, 2 ** 30),
      },
    }),
} as const;

/**
 * Writes compressed copies next to `path`, as servers of static files look for:
 * `weights.bin.gz`, `weights.bin.br`.
 */
export async function writeCompressed(
  path: string,
  encodings: readonly ContentEncoding[],
): Promise<void> {
  for (const encoding of encodings) {
    const target = path + EXTENSIONS[encoding];
    const staged = stagedPath(target);
    await compressedFile(path, COMPRESSORS[encoding])
      .then((bytes) => write(staged, [bytes], target))
      .then(() => moveInto(staged, target))
      .catch(async (error) => {
        await rm(staged, {force: true}).catch(() => {});
        fileError(target, `a compressed copy of ${basename(path)}`)(error);
      });
  }
}

async function compressedFile(
  path: string,
  compressorOf: (bytes: number) => Gzip | BrotliCompress,
): Promise<Uint8Array> {
  const compressor = compressorOf((await stat(path)).size);
  const [, bytes] = await Promise.all([
    pipeline(createReadStream(path), compressor),
    buffer(compressor),
  ]);
  return bytes;
}

/** Deletes the compressed copies of the files of these names. */
export async function removeCompressed(directory: string, names: readonly string[]): Promise<void> {
  for (const name of new Set(names)) {
    for (const extension of Object.values(EXTENSIONS)) {
      await rm(join(directory, name + extension), {force: true});
    }
  }
}
