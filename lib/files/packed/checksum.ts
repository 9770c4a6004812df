/**
 * The CRC-32 of each byte with 0, 1, … 7 zeros after it, by the reversed
 * polynomial of zip, PNG and Ethernet.
 */
const TABLE = new Int32Array(8 * 256);
for (let i = 0; i < TABLE.length; ++i) {
  let crc = i < 256 ? i : TABLE[i - 256];
  for (let bit = 0; bit < 8; ++bit) {
    crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  TABLE[i] = crc;
}

/**
 * The CRC-32 of `bytes`, or of what gave `crc` and then `bytes`. Eight at a time,
 * since each lookup would else wait for the last one (Kounavis and Berry 2005).
 */
export function checksum(bytes: Uint8Array, crc = 0): number {
  const table = TABLE;
  crc = ~crc;
  let i = 0;
  for (; i + 8 <= bytes.length; i += 8) {
    crc =
      table[1792 + ((crc ^ bytes[i]) & 255)] ^
      table[1536 + (((crc >>> 8) ^ bytes[i + 1]) & 255)] ^
      table[1280 + (((crc >>> 16) ^ bytes[i + 2]) & 255)] ^
      table[1024 + ((crc >>> 24) ^ bytes[i + 3])] ^
      table[768 + bytes[i + 4]] ^
      table[512 + bytes[i + 5]] ^
      table[256 + bytes[i + 6]] ^
      table[bytes[i + 7]];
  }
  for (; i < bytes.length; ++i) {
    crc = table[(crc ^ bytes[i]) & 255] ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}
