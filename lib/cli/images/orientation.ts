import {reverse, type Tensor3D, transpose} from '@tensorflow/tfjs-core';

const ORIENTATION = 0x0112;
const ENTRY_BYTES = 12;

/**
 * How an image with these EXIF data is turned to be shown, 1 to 8; 1, as it is, where they
 * do not say.
 *
 * @param exif From the header of TIFF on, which zeros may precede.
 */
export function orientationOf(exif: Uint8Array | undefined): number {
  const from = exif?.findIndex((byte) => byte !== 0) ?? -1;
  if (exif === undefined || from < 0) {
    return 1;
  }
  const tiff = new DataView(exif.buffer, exif.byteOffset + from, exif.byteLength - from);
  try {
    const isLittle = tiff.getUint8(0) === 'I'.charCodeAt(0);
    const first = tiff.getUint32(4, isLittle);
    const count = tiff.getUint16(first, isLittle);
    for (let i = 0; i < count; ++i) {
      const at = first + 2 + i * ENTRY_BYTES;
      if (tiff.getUint16(at, isLittle) === ORIENTATION) {
        const value = tiff.getUint16(at + 8, isLittle);
        return value >= 1 && value <= 8 ? value : 1;
      }
    }
    return 1;
  } catch {
    // They end before they should: the image itself is whole.
    return 1;
  }
}

/** `image` [height, width, channels] turned as `orientation` says. */
export function turned(image: Tensor3D, orientation: number): Tensor3D {
  const own = orientation > 4 ? transpose(image, [1, 0, 2]) : image;
  const isUpsideDown = [3, 4, 7, 8].includes(orientation);
  const isMirrored = [2, 3, 6, 7].includes(orientation);
  const axes = [...(isUpsideDown ? [0] : []), ...(isMirrored ? [1] : [])];
  return axes.length > 0 ? reverse(own, axes) : own;
}
