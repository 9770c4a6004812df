import {checksum} from '../../../lib/files/packed/checksum';

const bytes = (text: string) => new TextEncoder().encode(text);

test('is the CRC-32 of zip and PNG', () => {
  expect(checksum(bytes('123456789'))).toBe(0xcbf43926);
  expect(checksum(bytes('IEND'))).toBe(0xae426082);
  expect(checksum(bytes(''))).toBe(0);
});

test('is the same however many bytes are taken together', () => {
  const text = 'Of each length, from none to several strides and what is left.';
  for (let length = 0; length <= text.length; ++length) {
    const all = bytes(text.slice(0, length));
    const oneByOne = all.reduce((crc, byte) => checksum(Uint8Array.of(byte), crc), 0);
    expect(checksum(all)).toBe(oneByOne);
  }
});

test('goes on from that of what came before', () => {
  expect(checksum(bytes('6789'), checksum(bytes('12345')))).toBe(0xcbf43926);
});
