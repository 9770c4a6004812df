/** The CRC-32 of each byte, by the reversed polynomial of zip, PNG and Ethernet. */
const TABLE = Int32Array.from({length: 256}, (_, byte) => {
  for (let bit = 0; bit < 8; ++bit) {
    byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
  }
  return byte;
});

/** The CRC-32 of `bytes`, or of what gave `crc` and then `bytes`. */
export function checksum(bytes: Uint8Array, crc = 0): number {
  crc = ~crc;
  for (let i = 0; i < bytes.length; ++i) {
    crc = TABLE[(crc ^ bytes[i]) & 255] ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}
