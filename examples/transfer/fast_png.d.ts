/** What of fast-png is used here. */
declare module 'fast-png' {
  interface Png {
    width: number;
    height: number;
    data: Uint8Array | Uint8ClampedArray | Uint16Array;
    channels: number;
    palette?: number[][];
  }
  export function decode(bytes: Uint8Array): Png;
  export function convertIndexedToRgb(png: Png): Uint8Array;
}
