/**
 * A number in [0, 1) that looks random, the same for the same seed and step: a
 * training that is resumed draws what it would have drawn.
 */
export function chanceAt(seed: number, step: number): number {
  // The finaliser of SplitMix32 over a Weyl sequence.
  let bits = (Math.imul(seed, 0x9e3779b9) + Math.imul(step + 1, 0x6d2b79f5)) | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x21f0aaad);
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
  return ((bits ^ (bits >>> 15)) >>> 0) / 2 ** 32;
}
