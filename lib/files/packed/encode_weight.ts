import type {Pace} from '../../base/yielding';
import {asWords} from '../artifacts/weight_chunks';
import {type ChannelSteps, channelSteps, ZERO_INTEGER} from './channel_steps';
import {cutTiles, mapOf} from './cut_tiles';
import {encodeZeros} from './encode_zeros';
import {EntropyEncoder} from './entropy_encoder';
import {Flag, Format} from './format';
import {FrameWriter} from './frame_writer';
import {type Classes, magnitudeClasses} from './magnitude_classes';
import {bookIndex, chooseCoding, coded, frequenciesOf, type SymbolCoding} from './symbol_coding';
import type {Words} from './tiles';
import {zeroModel} from './zero_model';
import {zeroPattern} from './zero_pattern';

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
  /** Rows of it in one place of a convolution's window. */
  height: number;
  /** The word that stands for the value zero. */
  zero: number;
}

/** The frames of one weight, coded in the way that makes it smallest. Rests between frames. */
export async function encodeWeight(weight: WeightWords, pace: Pace): Promise<Uint8Array[]> {
  let best: Uint8Array[] = [];
  for (const way of ways(weight)) {
    const frames: Uint8Array[] = [];
    for (const frame of way) {
      frames.push(frame);
      await pace.rest();
    }
    best = isSmaller(sizeOf(frames), sizeOf(best), weight) ? frames : best;
  }
  return best.length > 0 ? best : [...flatFrames(weight)];
}

/** How many frames `encodeWeight` gives, and their bytes, one frame in memory at a time. */
export function encodedSize(weight: WeightWords): FramesSize {
  let best = {frames: 0, bytes: 0};
  for (const way of ways(weight)) {
    const size = sizeOf(way);
    best = isSmaller(size, best, weight) ? size : best;
  }
  return best.frames > 0 ? best : sizeOf(flatFrames(weight));
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

function isSmaller(size: FramesSize, best: FramesSize, {bytes}: WeightWords): boolean {
  // Readers take no more memory for the bytes there are.
  const isPossible = bytes.length <= Format.MOST_PER_BYTE * size.bytes;
  return isPossible && (best.frames === 0 || costOf(size) < costOf(best));
}

function costOf({frames, bytes}: FramesSize): number {
  return bytes + frames * (4 + Format.CHECKSUM_BYTES);
}

/** The ways to code a weight that may be the smallest. */
function* ways(weight: WeightWords): Generator<Iterable<Uint8Array>> {
  const {bytes, wordBytes, width, height, zero} = weight;
  const words = asWords<Words>(bytes, WORDS[wordBytes]);
  const pattern = zeroPattern(words, zero, width, height);
  if (!pattern?.isClear) {
    yield flatFrames(weight);
  }
  if (pattern) {
    const {tiling} = pattern;
    yield tiledFrames(weight, words, {tiling, map: mapOf(words, zero, tiling)});
  }
  // A filter for each channel: places of its window are rows.
  const channels = width * height;
  if (words instanceof Uint16Array && zero === 0 && words.length >= 2 * channels) {
    const found = words.length % channels === 0 && channelSteps(words, channels);
    if (found) {
      yield steppedFrames(weight, channels, found);
    }
  }
  for (const classes of magnitudeClasses(words, zero, width)) {
    yield tiledFrames(weight, words, classes);
  }
}

function* tiledFrames(
  {bytes, wordBytes, zero}: WeightWords,
  words: Words,
  {tiling, map}: Classes,
): Generator<Uint8Array> {
  const {columns, high, wide, kinds} = tiling;
  const head = new FrameWriter().number(bytes.length).number(Flag.TILED | logarithm(wordBytes));
  yield head.number(zero).number(columns).number(high).number(wide).number(kinds).finish();
  const across = Math.ceil(columns / wide);
  yield* flatFrames({bytes: map, wordBytes: 1, width: across, height: 1, zero: 0});
  const rows = words.length / columns;
  for (const part of cutTiles(words, map, tiling)) {
    // Columns stay columns where whole ones, or none, are left out.
    const left = wide === 1 && high >= rows ? part.length / rows : wide;
    yield* flatFrames({
      bytes: new Uint8Array(part.buffer),
      wordBytes,
      width: Math.max(1, Math.min(left, part.length)),
      height: 1,
      zero,
    });
  }
}

function* steppedFrames(
  {bytes, wordBytes}: WeightWords,
  columns: number,
  {steps, integers}: ChannelSteps,
): Generator<Uint8Array> {
  const head = new FrameWriter().number(bytes.length).number(Flag.TILED | logarithm(wordBytes));
  yield head.number(0).number(columns).number(0).number(1).number(1).finish();
  yield* flatFrames({bytes: steps, wordBytes: 1, width: columns, height: 1, zero: 0});
  yield* flatFrames({
    bytes: integers,
    wordBytes: 1,
    width: columns,
    height: 1,
    zero: ZERO_INTEGER,
  });
}

/** Coded where that makes the weight smaller. */
function* flatFrames(weight: WeightWords): Generator<Uint8Array> {
  const all = [...codedFrames(weight)];
  const {frames, bytes} = sizeOf(all);
  yield* frames > 0 && bytes < weight.bytes.length ? all : plainFrames(weight);
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
  const words = asWords<Words>(bytes, WORDS[wordBytes]);
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
  head.bytes(Uint8Array.of(flags(coding, wordBytes, masked)));
  if (masked) {
    head.number(width).number(density).number(zero);
  }
  head.number(frequencies.length);
  if (coding.book) {
    head.bytes(new Uint8Array(WORDS[wordBytes].from(coding.book).buffer));
  } else {
    head.number(coding.shift).number(coding.base);
  }
  if (coding.cut > 0) {
    head.number(coding.cut);
  }
  frequencies.forEach((frequency) => head.number(frequency));

  const model = masked ? zeroModel(width, density) : undefined;
  const write = wordWriter(coding, frequencies, 8 * wordBytes);
  const encoder = new EntropyEncoder(Math.min(words.length, Format.CHUNK_WORDS));
  for (let start = 0; start < words.length; start += Format.CHUNK_WORDS) {
    const end = Math.min(start + Format.CHUNK_WORDS, words.length);
    if (model !== undefined) {
      encodeZeros(encoder, model, words.subarray(start, end), zero);
    }
    for (let i = start; i < end; ++i) {
      if (model === undefined || words[i] !== zero) {
        write(encoder, words[i]);
      }
    }
    const {plain, coded: symbols} = encoder.finish();
    const frame = start === 0 ? head : new FrameWriter();
    yield frame.number(plain.length).finish(plain, symbols);
  }
}

function flags(coding: SymbolCoding, wordBytes: number, masked: boolean): number {
  const {book, rotated, cut} = coding;
  const options = (book ? Flag.BOOK : 0) | (rotated ? Flag.ROTATED : 0) | (cut > 0 ? Flag.CUT : 0);
  return Flag.CODED | options | (masked ? Flag.MASKED : 0) | logarithm(wordBytes);
}

function logarithm(wordBytes: number): number {
  return 31 - Math.clz32(wordBytes);
}

function wordWriter(coding: SymbolCoding, frequencies: readonly number[], bits: number) {
  const {rotated, cut, shift, base, book} = coding;
  const table = Uint16Array.from(frequencies);
  const starts = Uint16Array.from(frequencies);
  frequencies.reduce((start, frequency, symbol) => (starts[symbol] = start) + frequency, 0);
  const symbolOf = book && bookIndex(book);
  return (encoder: EntropyEncoder, word: number) => {
    const value = coded(word, bits, cut, rotated);
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
