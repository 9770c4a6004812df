/**
 * The CRC-32 of each byte with 0, 1, … 7 zeros after it, by the reversed
 * polynomial of zip, PNG and Ethernet.
 */
const TABLES: Int32Array[] = [];
for (let zeros = 0; zeros < 8; ++zeros) {
  TABLES[zeros] = Int32Array.from({length: 256}, (_, byte) => {
    let crc = TABLES[zeros - 1]?.[byte] ?? byte;
    for (let bit = 0; bit < 8; ++bit) {
      crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    }
    return crc;
  });
}

/**
 * The CRC-32 of `bytes`, or of what gave `crc` and then `bytes`. Eight at a time,
 * since each lookup would else wait for the last one (Kounavis and Berry 2005).
 */
export function checksum(bytes: Uint8Array, crc = 0): number {
  const [zero, one, two, three, four, five, six, seven] = TABLES;
  crc = ~crc;
  let i = 0;
  for (; i + 8 <= bytes.length; i += 8) {
    crc =
      seven[(crc ^ bytes[i]) & 255] ^
      six[((crc >>> 8) ^ bytes[i + 1]) & 255] ^
      five[((crc >>> 16) ^ bytes[i + 2]) & 255] ^
      four[(crc >>> 24) ^ bytes[i + 3]] ^
      three[bytes[i + 4]] ^
      two[bytes[i + 5]] ^
      one[bytes[i + 6]] ^
      zero[bytes[i + 7]];
  }
  for (; i < bytes.length; ++i) {
    crc = zero[(crc ^ bytes[i]) & 255] ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}
