import type {ContentEncoding} from './node/precompress';

/** How the files of a model are laid out. */
export interface LayoutArgs {
  /**
   * Largest size of a weights file in bytes. A larger model gets several files,
   * `group1-shard1of3.bin` and so on, which browsers fetch and cache one by one. Default:
   * one file.
   */
  shardBytes?: number;
  /**
   * Compressed copies to write next to each file, for static file servers:
   * `weights.bin.gz` for `'gzip'` and `weights.bin.br` for `'br'`. Default: none.
   */
  precompress?: readonly ContentEncoding[];
}
