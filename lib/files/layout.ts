import type {ContentEncoding} from './node/precompress';

/** How the files of a model are laid out. */
export interface LayoutArgs {
  /**
   * Bytes of a file of weights; a larger model gets several, `group1-shard1of3.bin`
   * and so on, which browsers cache and fetch one by one. Default: all in one.
   */
  shardBytes?: number;
  /**
   * Compressed copies to write next to the files, `weights.bin.gz` for `'gzip'`
   * and `weights.bin.br` for `'br'`, for servers of static files. Default: none.
   */
  precompress?: readonly ContentEncoding[];
}
