import {encode} from 'jpeg-js';
import {PNG} from 'pngjs';

import {decodeImage} from '../../../lib/cli/images/decode';

const SIZE = {width: 8, height: 4};
const PIXELS = Uint8Array.from({length: 8 * 4 * 4}, (_, i) => (i % 4 === 3 ? 255 : (i >> 4) * 30));

function png(colorType: 0 | 2 | 4 | 6 = 6): Buffer {
  const image = Object.assign(new PNG({...SIZE}), {data: Buffer.from(PIXELS)});
  return PNG.sync.write(image, {colorType});
}

const jpeg = () => encode({...SIZE, data: PIXELS}, 100).data;

describe('decodeImage', () => {
  it.each([0, 2, 4, 6] as const)('reads PNG of color type %i', (colorType) => {
    const {pixels, ...rest} = decodeImage(png(colorType));
    expect(rest).toEqual({...SIZE, orientation: 1});
    expect([...pixels]).toEqual([...PIXELS]);
  });

  it('reads JPEG', () => {
    const {pixels, ...rest} = decodeImage(jpeg());
    expect(rest).toEqual({...SIZE, orientation: 1});
    pixels.forEach((value, i) => expect(Math.abs(value - PIXELS[i])).toBeLessThan(6));
  });

  it('refuses what is broken', () => {
    const huge = png();
    huge.writeUInt32BE(2 ** 28, 16);
    const crooked = png();
    crooked[45] ^= 255;
    const cases = {
      empty: Buffer.alloc(0),
      text: Buffer.from('no image'),
      'a start alone': png().subarray(0, 8),
      'half a PNG': png().subarray(0, png().length >> 1),
      'half a JPEG': jpeg().subarray(0, jpeg().length >> 1),
      'the start of a JPEG': jpeg().subarray(0, 20),
      huge,
      crooked,
    };
    Object.entries(cases).forEach(([name, bytes]) => {
      expect(`${name}: ${outcome(bytes)}`).toMatch(/: Error: ./);
    });
    expect(() => decodeImage(huge)).toThrow('268435456 x 4 pixels');
  });
});

function outcome(bytes: Buffer): string {
  try {
    return `${decodeImage(bytes).width} pixels wide`;
  } catch (error) {
    return String(error);
  }
}
