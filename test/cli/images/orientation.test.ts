import {type Tensor3D, tensor3d, tidy} from '@tensorflow/tfjs-core';

import {orientationOf, turned} from '../../../lib/cli/images/orientation';

/** EXIF data with an entry before that of the orientation. */
function exif(orientation: number, isLittle: boolean): Uint8Array {
  const bytes = new Uint8Array(1 + 8 + 2 + 2 * 12);
  const view = new DataView(bytes.buffer, 1);
  const order = isLittle ? 'II' : 'MM';
  [...order].forEach((letter, i) => view.setUint8(i, letter.charCodeAt(0)));
  view.setUint16(2, 42, isLittle);
  view.setUint32(4, 8, isLittle);
  view.setUint16(8, 2, isLittle);
  view.setUint16(10, 0x010f, isLittle);
  view.setUint16(22, 0x0112, isLittle);
  view.setUint16(24, 3, isLittle);
  view.setUint32(26, 1, isLittle);
  view.setUint16(30, orientation, isLittle);
  return bytes;
}

test.each([true, false])('orientationOf reads either order of bytes (little: %s)', (isLittle) => {
  [1, 3, 6, 8].forEach((each) => expect(orientationOf(exif(each, isLittle))).toBe(each));
});

test('orientationOf is 1 where the data do not say', () => {
  expect(orientationOf(undefined)).toBe(1);
  expect(orientationOf(new Uint8Array(0))).toBe(1);
  expect(orientationOf(new Uint8Array(20))).toBe(1);
  expect(orientationOf(exif(9, true))).toBe(1);
  for (let end = 1; end < 30; ++end) {
    expect(orientationOf(exif(6, true).slice(0, end))).toBe(1);
  }
});

// Rows of what is shown, of an image that is stored as [[1, 2, 3], [4, 5, 6]].
test.each([
  [1, '1,2,3 4,5,6'],
  [2, '3,2,1 6,5,4'],
  [3, '6,5,4 3,2,1'],
  [4, '4,5,6 1,2,3'],
  [5, '1,4 2,5 3,6'],
  [6, '4,1 5,2 6,3'],
  [7, '6,3 5,2 4,1'],
  [8, '3,6 2,5 1,4'],
])('turned by %i', async (orientation, expected) => {
  const image = tidy(() =>
    turned(tensor3d([1, 2, 3, 4, 5, 6], [2, 3, 1]), orientation),
  ) as Tensor3D;
  const rows = (await image.array()) as number[][][];
  expect(rows.map((row) => row.flat().join()).join(' ')).toBe(expected);
  image.dispose();
});
