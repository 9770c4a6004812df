import {checksum} from '../../lib/load/checksum';

const bytes = (text: string) => new TextEncoder().encode(text);

test('is the CRC-32 of zip and PNG', () => {
  expect(checksum(bytes('123456789'))).toBe(0xcbf43926);
  expect(checksum(bytes('IEND'))).toBe(0xae426082);
  expect(checksum(bytes(''))).toBe(0);
});

test('goes on from that of what came before', () => {
  expect(checksum(bytes('6789'), checksum(bytes('12345')))).toBe(0xcbf43926);
});
