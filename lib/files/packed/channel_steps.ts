/** Integers are bytes; this one stands for 0. */
export const ZERO_INTEGER = 128;

/** The integers of numbers on steps of their own in each column, and these steps. */
export interface ChannelSteps {
  /** One for each column: the exponent of a float16 that is one step, less one. */
  steps: Uint8Array;
  integers: Uint8Array;
}

/**
 * The numbers of `words`, which are bits of float16, as integers of -127 to 127 times a step, a
 * power of two, for each column: as a depthwise kernel of few bits has one for each of its
 * channels. `undefined` where they are not such.
 */
export function channelSteps(words: Uint16Array, columns: number): ChannelSteps | undefined {
  const steps = new Uint8Array(columns);
  for (let i = 0; i < words.length; ++i) {
    if (words[i] !== 0) {
      const step = lowestBit(words[i]);
      const known = steps[i % columns];
      // Below are subnormal numbers, and above NaN and infinity.
      if (!(step > 0)) {
        return undefined;
      }
      steps[i % columns] = known === 0 ? step : Math.min(known, step);
    }
  }
  const integers = new Uint8Array(words.length).fill(ZERO_INTEGER);
  for (let i = 0; i < words.length; ++i) {
    if (words[i] !== 0) {
      const integer = mantissa(words[i]) * 2 ** (exponent(words[i]) - 10 - steps[i % columns]);
      if (integer > 127) {
        return undefined;
      }
      integers[i] += words[i] >>> 15 ? -integer : integer;
    }
  }
  return {steps: steps.map((step) => Math.max(step - 1, 0)), integers};
}

/** The exponent of the lowest bit that is set; NaN where the number isn't a normal one. */
function lowestBit(word: number): number {
  const isNormal = exponent(word) > 0 && exponent(word) < 31;
  const whole = mantissa(word);
  return isNormal ? exponent(word) - 10 + 31 - Math.clz32(whole & -whole) : NaN;
}

function exponent(word: number): number {
  return (word >>> 10) & 31;
}

/** With its leading one. */
function mantissa(word: number): number {
  return (word & 1023) | 1024;
}
