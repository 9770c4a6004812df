import decodeJpeg from 'jpeg-js/lib/decoder.js';
import parsePng from 'pngjs/lib/parser-sync.js';

import {orientationOf} from './orientation';

/** An image as it is stored, 4 bytes a pixel: red, green, blue and opacity. */
export interface Picture {
  width: number;
  height: number;
  pixels: Uint8Array;
  /** How it is turned to be shown, 1 to 8 as EXIF has it. */
  orientation: number;
}

/** Pixels that an image may have, in millions: a small file may be very large. */
const MOST_MEGAPIXELS = 100;
const MOST_MEMORY_MB = 2048;
const PNG_START = '\x89PNG\r\n\x1a\n';
const JPEG_START = '\xff\xd8\xff';

/**
 * Decodes a JPEG or a PNG image, whichever the bytes are.
 *
 * @throws Error, with what is wrong with it.
 */
export function decodeImage(bytes: Buffer): Picture {
  const start = bytes.toString('latin1', 0, PNG_START.length);
  if (start === PNG_START) {
    return decodedPng(bytes);
  }
  if (start.startsWith(JPEG_START)) {
    return decodedJpeg(bytes);
  }
  throw new Error(bytes.length === 0 ? 'an empty file' : 'other bytes');
}

function decodedPng(bytes: Buffer): Picture {
  const [width, height] = bytes.length < 24 ? [0, 0] : [16, 20].map((at) => bytes.readUInt32BE(at));
  if (width * height === 0 || width * height > MOST_MEGAPIXELS * 1e6) {
    throw new Error(`${width} x ${height} pixels`);
  }
  const {data} = parsePng(bytes, {});
  return {width, height, pixels: data, orientation: 1};
}

function decodedJpeg(bytes: Buffer): Picture {
  const limits = {maxResolutionInMP: MOST_MEGAPIXELS, maxMemoryUsageInMB: MOST_MEMORY_MB};
  const settings = {useTArray: true, tolerantDecoding: false, ...limits} as const;
  const {width, height, data, exifBuffer} = decodeJpeg(bytes, settings);
  return {width, height, pixels: data, orientation: orientationOf(exifBuffer)};
}
