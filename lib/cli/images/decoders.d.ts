// The decoders alone: what encodes would come along with the packages as a whole.

declare module 'jpeg-js/lib/decoder.js' {
  export default function decode(
    bytes: Uint8Array,
    options: {
      useTArray: true;
      tolerantDecoding: boolean;
      maxResolutionInMP: number;
      maxMemoryUsageInMB: number;
    },
  ): {width: number; height: number; data: Uint8Array; exifBuffer?: Uint8Array};
}

declare module 'pngjs/lib/parser-sync.js' {
  export default function parse(bytes: Uint8Array, options: object): {data: Uint8Array};
}
