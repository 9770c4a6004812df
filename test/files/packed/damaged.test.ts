import type {io} from '@tensorflow/tfjs-core';
import {deflateRawSync} from 'node:zlib';
import fc from 'fast-check';

import {PruningError} from '../../../lib/base/errors';
import {Pace} from '../../../lib/base/yielding';
import {packed} from '../../../lib/files/load';
import {checksum} from '../../../lib/files/packed/checksum';
import {decodeWeight} from '../../../lib/files/packed/decode_weight';
import {encodeWeight} from '../../../lib/files/packed/encode_weight';
import {Flag, Format} from '../../../lib/files/packed/format';
import {FrameWriter} from '../../../lib/files/packed/frame_writer';
import {pack} from '../../../lib/files/packed/pack';
import {weightMemory} from '../../../lib/files/packed/weight_memory';
import {zeroModel} from '../../../lib/files/packed/zero_model';
import {distinct, random} from '../../setup/models';
import {errorOf} from '../node/support';
import {weightWords} from './weights';

type Bytes = Uint8Array<ArrayBuffer>;

async function fileOf(): Promise<Bytes> {
  const kernel = distinct(600).map((value, i) => (i % 5 ? 0 : value));
  const bias = Float32Array.of(1, 2, 3);
  const weights = [
    {
      spec: {name: 'kernel', shape: [20, 30], dtype: 'float32'} as const,
      bytes: new Uint8Array(kernel.buffer),
    },
    {
      spec: {name: 'bias', shape: [3], dtype: 'float32'} as const,
      bytes: new Uint8Array(bias.buffer),
    },
  ].map(({spec, bytes}) => ({spec: {...spec, shape: [...spec.shape]}, bytes}));
  const artifacts: io.ModelArtifacts = {modelTopology: {class_name: 'Sequential'}, weightSpecs: []};
  return Uint8Array.from(Buffer.concat(await pack(artifacts, weights)));
}

/** Ways to damage a file; each gives another one than it got. */
const DAMAGES: ReadonlyArray<(file: Bytes, next: () => number) => Bytes> = [
  // Some bits flipped.
  (file, next) => {
    const damaged = file.slice();
    for (let flips = 1 + Math.floor(next() * 4), bit = -1; flips > 0; --flips) {
      bit += 1 + Math.floor((next() * (8 * file.length - 1 - bit)) / flips);
      damaged[bit >> 3] ^= 1 << (bit & 7);
    }
    return damaged;
  },
  // Cut short.
  (file, next) => file.slice(0, Math.floor(next() * file.length)),
  // Something after the end.
  (file, next) => joined(file, noise(1 + Math.floor(next() * 20), next)),
  // Bytes left out.
  (file, next) => {
    const start = Math.floor(next() * file.length);
    return joined(file.slice(0, start), file.slice(start + 1 + Math.floor(next() * 20)));
  },
  // Bytes put in.
  (file, next) => {
    const start = Math.floor(next() * file.length);
    return joined(file.slice(0, start), noise(1 + Math.floor(next() * 8), next), file.slice(start));
  },
  // One of the declared numbers: magic, version, sizes, checksum, and lengths of the frames.
  (file, next) => {
    const damaged = file.slice();
    const offset = 4 * Math.floor((next() * Format.PRELUDE_BYTES) / 4);
    const view = new DataView(damaged.buffer);
    view.setUint32(offset, view.getUint32(offset, true) + 1 + Math.floor(next() * 2 ** 31), true);
    return damaged;
  },
];

function joined(...parts: Bytes[]): Bytes {
  return Uint8Array.from(Buffer.concat(parts));
}

function noise(length: number, next: () => number): Bytes {
  return Uint8Array.from({length}, () => next() * 256);
}

test('of 10,000 damaged files each is an error that says what is wrong', async () => {
  const file = await fileOf();
  await packed(file).load!();
  const next = random(1);
  const kinds = new Set<string>();
  for (let i = 0; i < 10_000; ++i) {
    const damaged = DAMAGES[i % DAMAGES.length](file, next);
    try {
      await packed(damaged).load!();
    } catch (error) {
      if (!(error instanceof PruningError)) {
        throw error;
      }
      kinds.add(error.message.replace(/-?\d[\d.e+-]*(?=\D)/g, '#'));
      continue;
    }
    throw new Error(`Damage ${i} went unnoticed.`);
  }
  const messages = [
    '# more bytes, but got #.',
    'a file of # bytes, but got #.',
    "a file of # bytes, but got '# of a header and # of weights'.",
    "a file of # bytes, but got 'a longer part'.",
    "a packed model, whose first bytes are 'TFPK', but got 'others'.",
    'a version of the format up to #, but got #.',
    "bytes before # that match their checksum, but got 'others'.",
  ];
  expect([...kinds].sort()).toEqual(messages.map((text) => `packed model: expected ${text}`));
});

/** `file` with another number in its head, and checksums that match it. */
function declared(file: Bytes, change: (head: DataView) => void): Bytes {
  const changed = file.slice();
  const view = new DataView(changed.buffer);
  let end = Format.PRELUDE_BYTES + view.getUint32(24, true);
  change(view);
  let sum = checksum(changed.subarray(0, Format.PRELUDE_BYTES - 4));
  sum = checksum(changed.subarray(Format.PRELUDE_BYTES, end), sum);
  view.setUint32(Format.PRELUDE_BYTES - 4, sum, true);
  while (end < changed.length) {
    const start = end + 8;
    const frameEnd = start + view.getUint32(end, true);
    sum = checksum(changed.subarray(start, frameEnd), sum);
    view.setUint32(end + 4, sum, true);
    end = frameEnd;
  }
  return changed;
}

test.each<[string, (head: DataView) => void, string]>([
  [
    'a later version',
    (head) => head.setUint32(4, 4, true),
    'expected a version of the format up to 3, but got 4.',
  ],
  ['a larger file', (head) => head.setFloat64(8, 1e9, true), 'a file of 1000000000 bytes'],
  ['a smaller file', (head) => head.setFloat64(8, 400, true), 'a file of 400 bytes'],
  [
    'more weights',
    (head) => head.setFloat64(16, 2416, true),
    'expected 2416 bytes of weights, but got 2412.',
  ],
  ['fewer weights', (head) => head.setFloat64(16, 100, true), 'weights that are coded as declared'],
  [
    'weights of 4 GiB, of which the file can have no 20 MB,',
    (head) => head.setFloat64(16, 2 ** 32, true),
    'of a header and 4294967296 of weights',
  ],
  ['weights of no size', (head) => head.setFloat64(16, NaN, true), 'a header and NaN of weights'],
])('%s, though its checksum matches, is an error', async (_, change, message) => {
  const file = declared(await fileOf(), change);
  expect((await errorOf(() => packed(file).load!())).message).toContain(message);
});

/** `file` with other text in its header, and checksums that match it. */
function withHeader(file: Bytes, text: Uint8Array): Bytes {
  const end = Format.PRELUDE_BYTES + new DataView(file.buffer).getUint32(24, true);
  const header = Uint8Array.from(deflateRawSync(text));
  const changed = joined(file.slice(0, Format.PRELUDE_BYTES), header, file.slice(end));
  const view = new DataView(changed.buffer);
  view.setFloat64(8, changed.length, true);
  view.setUint32(24, header.length, true);
  return declared(changed, () => {});
}

test.each<[string, Uint8Array, string]>([
  ['no JSON', Buffer.from('{'), "a model as JSON, but got 'others'"],
  ['no model', Buffer.from('null'), "a model as JSON, but got 'others'"],
  ['weights that are no list', Buffer.from('{"weightSpecs": {"length": 9}}'), 'a model as JSON'],
  ['100 MB of spaces', Buffer.alloc(1e8, ' '), 'a model as JSON'],
])('a header of %s, though its checksum matches, is an error', async (_, text, message) => {
  const file = withHeader(await fileOf(), text);
  const most = 2 ** 24 + 4 * new DataView(file.buffer).getUint32(24, true);
  const start = process.memoryUsage.rss();
  expect((await errorOf(() => packed(file).load!())).message).toContain(message);
  expect(process.memoryUsage.rss() - start).toBeLessThan(4 * most);
});

test('columns of zeros take no memory before their words are there', () => {
  const width = 2 ** 30;
  const model = zeroModel(width, 100);
  model.reserve(65536);
  expect(model.columns.length).toBe(2 * 65536);
  expect(model.columns.every((share) => share === 100)).toBe(true);
});

test('memory grows with what is decoded, and not with what is declared', () => {
  const memory = weightMemory('a test', 2 ** 40, 2 ** 24);
  const part = new Uint8Array(2 ** 23).fill(1);
  for (let parts = 1; parts <= 5; ++parts) {
    memory.append(part);
    expect(memory.bytes.length).toBeLessThanOrEqual(Math.max(2 ** 24, 2 * parts * 2 ** 23));
  }
  expect(memory.bytes.subarray(0, memory.length).every(Boolean)).toBe(true);
});

test('two frames that have changed places are an error', async () => {
  const bytes = [1, 2].map((value) => new Uint8Array(new Float32Array(8).fill(value).buffer));
  const weights = bytes.map((own, i) => ({
    spec: {name: `w${i}`, shape: [8], dtype: 'float32' as const},
    bytes: own,
  }));
  const parts = await pack({modelTopology: {}, weightSpecs: []}, weights);
  const [prelude, header, ...frames] = parts.map((part) => Uint8Array.from(part));
  const [head, frame, otherHead, otherFrame] = frames;
  expect(frame.length).toBe(otherFrame.length);
  await packed(joined(prelude, header, ...frames)).load!();
  const swapped = joined(prelude, header, otherHead, otherFrame, head, frame);
  expect((await errorOf(() => packed(swapped).load!())).message).toContain('checksum');
});

test('frames of any bytes are decoded or refused, within their bounds', async () => {
  await fc.assert(
    fc.asyncProperty(weightWords, fc.integer(), async (weight, seed) => {
      const frames = await encodeWeight(weight, new Pace());
      const next = random(seed);
      for (let i = 0; i < 3; ++i) {
        const which = Math.floor(next() * frames.length);
        frames[which] = frames[which].slice();
        frames[which][Math.floor(next() ** 3 * frames[which].length)] = next() * 256;
      }
      const memory = weightMemory('a test', weight.bytes.length);
      try {
        await decodeWeight('a test', framesOf(frames), memory);
      } catch (error) {
        expect(error).toBeInstanceOf(PruningError);
      }
      expect(memory.left).toBeGreaterThanOrEqual(0);
    }),
    {numRuns: 1000},
  );
});

/** Gives frames one by one; behind them there is nothing, as at the end of a file. */
function framesOf(frames: readonly Uint8Array[]): () => Promise<Uint8Array> {
  const left = [...frames];
  return async () => {
    if (left.length === 0) {
      throw new PruningError('a test', 'more bytes', 0);
    }
    return left.shift()!;
  };
}

describe('of a weight of tiles', () => {
  const SIZE = 64;
  /** The head, of 8 x 8 bytes in tiles of 2 x 8, of which the second and the fourth are there. */
  const head = (...numbers: number[]) => {
    const writer = new FrameWriter().number(SIZE).number(Flag.TILED);
    [0, 8, 2, 8, 1].forEach((each, i) => writer.number(numbers[i] ?? each));
    return writer.finish();
  };
  const plain = (...bytes: number[]) =>
    new FrameWriter().number(bytes.length).number(0).finish(Uint8Array.from(bytes));
  const map = plain(0, 1, 0, 1);
  const words = plain(...Array.from({length: 32}, (_, i) => i + 1));
  const decoded = async (frames: readonly Uint8Array[], size = SIZE) => {
    const memory = weightMemory('a test', size);
    await decodeWeight('a test', framesOf(frames), memory);
    return memory.bytes.subarray(0, memory.length);
  };
  const error = (frames: readonly Uint8Array[], size?: number) =>
    errorOf(() => decoded(frames, size));

  test('words are put into the tiles that are there', async () => {
    const expected = Array.from({length: SIZE}, (_, i) =>
      i & 16 ? (i & 15) + 1 + (i & 32) / 2 : 0,
    );
    expect([...(await decoded([head(), map, words]))]).toEqual(expected);
  });

  test.each<[string, Uint8Array[]]>([
    ['rows that end in the middle', [head(0, 7), map, words]],
    ['no columns', [head(0, 0), map, words]],
    ['tiles of no height', [head(0, 8, 0), map, words]],
    ['tiles of no width', [head(0, 8, 2, 0), map, words]],
    ['fewer tiles than there are', [head(), plain(0, 1, 0), words]],
    ['more tiles than there are', [head(), plain(0, 1, 0, 1, 0), words]],
    ['words of a kind that is missing', [head(), plain(0, 1, 0, 2), words]],
    ['more words than tiles', [head(), plain(0, 1, 0, 0), words]],
    ['fewer words than tiles', [head(), plain(1, 1, 0, 1), words]],
    ['another weight of tiles inside', [head(), head(), map, words]],
    ['more words inside than outside', [head(), map, plain(...new Uint8Array(SIZE + 1))]],
  ])('%s are refused', async (_, frames) => {
    expect((await error(frames)).message).toContain('weights that are coded as declared');
  });

  test('no memory is taken for what is only declared', async () => {
    const size = 2 ** 34;
    const large = new FrameWriter().number(size).number(Flag.TILED);
    [0, size, 1, size, 1].forEach((each) => large.number(each));
    const start = process.memoryUsage.rss();
    const {message} = await error([large.finish(), plain(0), plain()], size);
    expect(message).toContain('weights that are coded as declared');
    expect(process.memoryUsage.rss() - start).toBeLessThan(2 ** 27);
    const kinds = [large.finish(), plain(0), ...Array.from({length: 9}, () => plain())];
    kinds[0][kinds[0].length - 1] = 100;
    expect((await error(kinds, size)).message).toContain('more bytes');
    expect(process.memoryUsage.rss() - start).toBeLessThan(2 ** 27);
  });
});
