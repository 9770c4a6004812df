// What is used of two packages. The library has their decoders alone, since what
// encodes would come along with the packages as a whole; tests encode, too.

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

declare module 'jpeg-js' {
  interface Picture {
    width: number;
    height: number;
    data: Uint8Array;
  }

  export function encode(picture: Picture, quality?: number): {data: Buffer};

  export function decode(bytes: Uint8Array, options?: {useTArray: true}): Picture;
}

declare module 'pngjs' {
  export class PNG {
    static readonly sync: {
      read(bytes: Uint8Array): PNG;
      write(image: PNG, options?: {colorType?: number}): Buffer;
    };
    width: number;
    height: number;
    data: Buffer;
    constructor(size: {width: number; height: number});
  }
}
