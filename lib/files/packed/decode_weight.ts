import {PruningError} from '../../base/errors';
import {readChunk, readSymbols, readZeros, symbolTable} from './entropy_decoder';
import {Flag, Format} from './format';
import {placeSteps, placeTiles, type Words} from './tiles';
import {type WeightMemory, weightMemory} from './weight_memory';
import {type ZeroModel, zeroModel} from './zero_model';

/** Unsigned words of 1, 2 and 4 bytes. */
const WORDS = [Uint8Array, Uint16Array, Uint32Array] as const;

/** The words of the chunk at hand; always 32 bits, so that the loop has but one type. */
const chunk = new Uint32Array(Format.CHUNK_WORDS);
/** Those that aren't zero: where, and their symbols. */
const positions = new Uint32Array(Format.CHUNK_WORDS);
const symbols = new Uint8Array(Format.CHUNK_WORDS);

/**
 * Decodes one weight, behind the weights before it. Variables and no fields, whose names no
 * minifier shortens.
 *
 * @param name What is read; named in errors.
 * @param nextFrame Reads a frame; the first says how the weight is coded.
 * @param memory Takes what is decoded.
 * @param isPart Whether the weight is a part of another, and has none itself.
 * @returns Bytes of the frames.
 */
export async function decodeWeight(
  name: string,
  nextFrame: () => Promise<Uint8Array>,
  memory: WeightMemory,
  isPart = false,
): Promise<number> {
  let frame = await nextFrame();
  let read = frame.length;
  let position = 0;
  const check = (condition: unknown) => {
    if (!condition) {
      throw new PruningError(name, 'weights that are coded as declared', 'others');
    }
  };
  const byte = () => {
    check(position < frame.length);
    return frame[position++];
  };
  /** Seven bits a byte, the lowest first; all bytes but the last have the eighth bit. */
  const number = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const next = byte();
      value += (next & 127) * factor;
      if (next < 128) {
        return value;
      }
    }
  };

  const size = number();
  const flags = byte();
  const type = WORDS[flags & 3];
  const wordBytes = 1 << (flags & 3);
  check(type && size <= memory.left && size % wordBytes === 0);
  const count = size / wordBytes;

  if (flags & Flag.TILED) {
    check(!isPart);
    const [zero, columns, high, wide, kinds] = Array.from({length: 5}, number);
    check(count % columns === 0 && wide);
    const parts: Words[] = [];
    while (parts.length <= (kinds || 1)) {
      // The map has bytes, and no more of them than there are words.
      const own = weightMemory(name, size);
      read += await decodeWeight(name, nextFrame, own, true);
      parts.push(
        parts[0] && high
          ? new type(own.bytes.buffer, 0, Math.floor(own.length / wordBytes))
          : own.bytes.subarray(0, own.length),
      );
    }
    // Memory for no more than the same frames could take as weights of their own.
    check(size <= Format.MOST_PER_BYTE * read);
    const {bytes} = weightMemory(name, size, size);
    const words = new type(bytes.buffer).fill(zero);
    const place = high ? placeTiles : placeSteps;
    const taken = place(parts, words, columns, high, wide, kinds);
    check(parts.every(({length}, i) => length === taken[i]));
    memory.append(bytes);
    return read;
  }

  let zeros: ZeroModel | undefined;
  let zero = 0;
  let book: Uint32Array | undefined;
  let shift = 0;
  let base = 0;
  let cut = 0;
  let table: Int32Array | undefined;
  if (flags & Flag.CODED) {
    if (flags & Flag.MASKED) {
      const width = number();
      const density = number();
      check(width > 0 && width <= count && density < 65536);
      zeros = zeroModel(width, density);
      zero = number();
    }
    const alphabet = number();
    check(alphabet <= 256 && (alphabet || zeros));
    if (flags & Flag.BOOK) {
      const end = position + alphabet * wordBytes;
      check(end <= frame.length);
      // In one type, for the loop.
      book = Uint32Array.from(new type(frame.slice(position, end).buffer));
      position = end;
    } else {
      shift = byte();
      base = number();
    }
    cut = flags & Flag.CUT && byte();
    const frequencies = Array.from({length: alphabet}, number);
    const sum = frequencies.reduce((total, frequency) => total + frequency, 0);
    check(!alphabet || sum === 1 << Format.PRECISION);
    table = symbolTable(frequencies);
  }

  for (let left = size; ; frame = await nextFrame(), read += frame.length, position = 0) {
    let bytes = frame.subarray(position);
    if (table) {
      const words = Math.min(left / wordBytes, Format.CHUNK_WORDS);
      const plain = number();
      const coded = frame.subarray(position + plain);
      check(coded.length >= Format.STATE_BYTES);
      readChunk(coded);
      const others = zeros ? readZeros(zeros, words, positions) : words;
      check(shift * others <= 8 * plain && readSymbols(table, others, symbols, coded.length));
      if (zeros) {
        chunk.fill(zero);
      }
      const sign = flags & Flag.ROTATED && 8 * wordBytes - 1;
      gather(others, zeros && positions, book, base, shift, cut, sign, frame, position);
      const packed = type === Uint32Array ? chunk : new type(chunk.subarray(0, words));
      bytes = new Uint8Array(packed.buffer, 0, words * wordBytes);
    }
    check(bytes.length <= left && (bytes.length || !size));
    memory.append(bytes);
    left -= bytes.length;
    if (!left) {
      return read;
    }
  }
}

/**
 * Makes words of `count` symbols.
 *
 * @param places Those of the words, where some are zero.
 * @param shift Plain bits of each word, at most 24, the lowest first.
 * @param cut How many of a word's lowest bits are left out.
 * @param plain Has these, and at least three bytes after them.
 */
function gather(
  count: number,
  places: Uint32Array | undefined,
  book: Uint32Array | undefined,
  base: number,
  shift: number,
  cut: number,
  sign: number,
  plain: Uint8Array,
  start: number,
): void {
  const source = new DataView(plain.buffer, plain.byteOffset);
  const mask = (1 << shift) - 1;
  let bit = 8 * start;
  for (let i = 0; i < count; ++i) {
    let word: number;
    if (book) {
      word = book[symbols[i]];
    } else {
      word = source.getUint32(bit >>> 3, true);
      word = ((base + symbols[i]) << shift) | ((word >>> (bit & 7)) & mask);
      word = sign ? ((word >>> 1) << cut) | (word << sign) : word << cut;
      bit += shift;
    }
    chunk[places ? places[i] : i] = word;
  }
}
