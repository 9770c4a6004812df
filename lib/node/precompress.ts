import {rm} from 'node:fs/promises';
import {basename, join} from 'node:path';
import {Readable} from 'node:stream';
import {buffer} from 'node:stream/consumers';
import {constants, createBrotliCompress, createGzip} from 'node:zlib';

import {totalBytes} from '../artifacts/weight_chunks';
import {fileError} from './file_error';
import {moveInto, stagedPath, write} from './staging';

/** What servers call the encodings of compressed files. */
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
 * Writes compressed copies beside `path`, as servers of static files look for:
 * `weights.bin.gz`, `weights.bin.br`.
 */
export async function writeCompressed(
  path: string,
  chunks: readonly Uint8Array[],
  encodings: readonly ContentEncoding[],
): Promise<void> {
  for (const encoding of encodings) {
    const target = path + EXTENSIONS[encoding];
    const staged = stagedPath(target);
    const compressor = COMPRESSORS[encoding](totalBytes(chunks));
    const bytes = await buffer(Readable.from(chunks).pipe(compressor));
    await write(staged, [bytes], target)
      .then(() => moveInto(staged, target))
      .catch(async (error) => {
        await rm(staged, {force: true}).catch(() => {});
        fileError(target, `a compressed copy of ${basename(path)}`)(error);
      });
  }
}

/** Deletes the compressed copies of the files of these names. */
export async function removeCompressed(directory: string, names: readonly string[]): Promise<void> {
  for (const name of new Set(names)) {
    for (const extension of Object.values(EXTENSIONS)) {
      await rm(join(directory, name + extension), {force: true});
    }
  }
}
