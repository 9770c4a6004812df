import type {Pace} from '../../base/yielding';
import {asWords} from '../artifacts/weight_chunks';
import {encodeZeros} from './encode_zeros';
import {EntropyEncoder} from './entropy_encoder';
import {BOOK, CHUNK_WORDS, CODED, MASKED, ROTATED} from './format';
import {FrameWriter} from './frame_writer';
import {bookIndex, chooseCoding, frequenciesOf, rotate, type SymbolCoding} from './symbol_coding';
import {ZeroModel} from './zero_model';

const WORDS = {1: Uint8Array, 2: Uint16Array, 4: Uint32Array} as const;
/** Frames of weights that are stored as they are. */
const PLAIN_FRAME_BYTES = 2 ** 20;
/** Bytes as words cost more time than space where so few of them are zero. */
const LEAST_BYTES_MASKED = 1 / 8;

/** A weight as the packed format sees it. */
export interface WeightWords {
  bytes: Uint8Array;
  wordBytes: 1 | 2 | 4;
  /** Words in a row of the weight, seen as a matrix. */
  width: number;
  /** The word that stands for the value zero. */
  zero: number;
}

/** The frames of one weight, coded where that makes it smaller. Rests between frames. */
export async function encodeWeight(weight: WeightWords, pace: Pace): Promise<Uint8Array[]> {
  const coded: Uint8Array[] = [];
  for (const frame of codedFrames(weight)) {
    coded.push(frame);
    await pace.rest();
  }
  return isSmaller(sizeOf(coded), weight) ? coded : [...plainFrames(weight)];
}

/** How many frames `encodeWeight` gives, and their bytes, one frame in memory at a time. */
export function encodedSize(weight: WeightWords): FramesSize {
  const coded = sizeOf(codedFrames(weight));
  return isSmaller(coded, weight) ? coded : sizeOf(plainFrames(weight));
}

/** Frames, and their bytes in all. */
export interface FramesSize {
  frames: number;
  bytes: number;
}

function sizeOf(all: Iterable<Uint8Array>): FramesSize {
  const size = {frames: 0, bytes: 0};
  for (const {length} of all) {
    ++size.frames;
    size.bytes += length;
  }
  return size;
}

function isSmaller({frames, bytes}: FramesSize, weight: WeightWords): boolean {
  return frames > 0 && bytes < weight.bytes.length;
}

function* plainFrames({bytes}: WeightWords): Generator<Uint8Array> {
  const head = new FrameWriter().number(bytes.length).number(0);
  yield head.finish(bytes.subarray(0, PLAIN_FRAME_BYTES));
  for (let start = PLAIN_FRAME_BYTES; start < bytes.length; start += PLAIN_FRAME_BYTES) {
    yield bytes.subarray(start, start + PLAIN_FRAME_BYTES);
  }
}

/** None where it would not pay. */
function* codedFrames({bytes, wordBytes, width, zero}: WeightWords): Generator<Uint8Array> {
  if (bytes.length === 0) {
    return;
  }
  const words = asWords<Uint8Array | Uint16Array | Uint32Array>(bytes, WORDS[wordBytes]);
  const zeros = count(words, zero);
  const masked = zeros > (wordBytes === 1 ? LEAST_BYTES_MASKED * words.length : 0);
  const others = masked ? without(words, zero, zeros) : words;
  const coding = chooseCoding(
    others instanceof Uint32Array ? others : new Uint32Array(others),
    wordBytes,
  );
  if (coding.cost / 8 >= bytes.length) {
    return;
  }
  const density = Math.floor((1 - zeros / words.length) * 65535);
  const frequencies = frequenciesOf(coding.counts);
  const head = new FrameWriter();
  head.number(bytes.length);
  head.number(flags(coding, wordBytes, masked));
  if (masked) {
    head.number(width).number(density).number(zero);
  }
  head.number(frequencies.length);
  if (coding.book) {
    head.bytes(new Uint8Array(WORDS[wordBytes].from(coding.book).buffer));
  } else {
    head.number(coding.shift).number(coding.base);
  }
  frequencies.forEach((frequency) => head.number(frequency));

  const model = masked ? new ZeroModel(width, density) : undefined;
  const write = wordWriter(coding, frequencies, 8 * wordBytes);
  const encoder = new EntropyEncoder(Math.min(words.length, CHUNK_WORDS));
  for (let start = 0; start < words.length; start += CHUNK_WORDS) {
    const end = Math.min(start + CHUNK_WORDS, words.length);
    if (model !== undefined) {
      encodeZeros(encoder, model, words.subarray(start, end), zero);
    }
    for (let i = start; i < end; ++i) {
      if (model === undefined || words[i] !== zero) {
        write(encoder, words[i]);
      }
    }
    const {plain, coded} = encoder.finish();
    const frame = start === 0 ? head : new FrameWriter();
    yield frame.number(plain.length).finish(plain, coded);
  }
}

function flags(coding: SymbolCoding, wordBytes: number, masked: boolean): number {
  const size = 31 - Math.clz32(wordBytes);
  const options = (coding.book ? BOOK : 0) | (coding.rotated ? ROTATED : 0);
  return CODED | options | (masked ? MASKED : 0) | size;
}

function wordWriter(coding: SymbolCoding, frequencies: readonly number[], bits: number) {
  const {rotated, shift, base, book} = coding;
  const table = Uint16Array.from(frequencies);
  const starts = Uint16Array.from(frequencies);
  frequencies.reduce((start, frequency, symbol) => (starts[symbol] = start) + frequency, 0);
  const symbolOf = book && bookIndex(book);
  return (encoder: EntropyEncoder, word: number) => {
    const value = rotated ? rotate(word, bits) : word;
    const symbol = symbolOf ? symbolOf(word) : (value >>> shift) - base;
    encoder.symbol(starts[symbol], table[symbol]);
    if (shift > 0) {
      encoder.plain(value, shift);
    }
  };
}

function count(words: ArrayLike<number>, word: number): number {
  let found = 0;
  for (let i = 0; i < words.length; ++i) {
    found += words[i] === word ? 1 : 0;
  }
  return found;
}

function without(words: ArrayLike<number>, zero: number, zeros: number): Uint32Array {
  const others = new Uint32Array(words.length - zeros);
  for (let i = 0, next = 0; i < words.length; ++i) {
    if (words[i] !== zero) {
      others[next++] = words[i];
    }
  }
  return others;
}
