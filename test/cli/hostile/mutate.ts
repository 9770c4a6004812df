import {deflateRawSync, inflateRawSync} from 'node:zlib';

import {checksum} from '../../../lib/files/packed/checksum';
import {Format} from '../../../lib/files/packed/format';
import type {Random} from '../../shrink/random';

const STRANGE: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  1e9,
  2 ** 31,
  2 ** 53,
  -1e300,
  '',
  'x',
  '../../etc/passwd',
  '__proto__',
  'constructor',
  '\u001b[2J\n',
  'y'.repeat(1000),
  [],
  [null],
  [1e9, 1e9],
  [[[[]]]],
  {},
  {a: {b: 1}},
];

type Place = readonly [owner: Record<string, unknown>, key: string];

/** `bytes`, damaged as storage and networks do it. */
export function mutateBytes(bytes: Uint8Array, random: Random): Buffer {
  const copy = Buffer.from(bytes);
  const at = random.integer(0, copy.length);
  const some = () =>
    Buffer.from(Array.from({length: random.integer(1, 9)}, () => random.integer(0, 255)));
  switch (random.integer(0, 5)) {
    case 0:
      for (let flips = random.integer(1, 4); flips > 0 && copy.length > 0; --flips) {
        copy[random.integer(0, copy.length - 1)] ^= 1 << random.integer(0, 7);
      }
      return copy;
    case 1:
      return copy.subarray(0, at);
    case 2:
      return Buffer.concat([copy.subarray(0, at), some(), copy.subarray(at)]);
    case 3:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + random.integer(1, 9))]);
    case 4:
      return Buffer.concat([copy, random.chance(0.5) ? copy : some()]);
    default:
      // Most headers are at the start, and have small numbers.
      if (copy.length > 0) {
        copy[random.integer(0, Math.min(80, copy.length - 1))] = random.pick([0, 1, 127, 128, 255]);
      }
      return copy;
  }
}

/** The text of JSON, damaged as text or in what it says. */
export function mutateJSON(text: string, random: Random): string {
  if (random.chance(0.1)) {
    return mutateBytes(Buffer.from(text), random).toString('latin1');
  }
  const whole = {root: JSON.parse(text) as unknown};
  for (let changes = random.chance(0.8) ? 1 : 3; changes > 0; --changes) {
    change(whole, random);
  }
  return JSON.stringify(whole.root) ?? '';
}

function change(whole: Record<string, unknown>, random: Random): void {
  const places = [...placesOf(whole)];
  if (places.length === 0) {
    return; // All was deleted.
  }
  const [owner, key] = random.pick(places);
  const value = owner[key];
  const other = () => {
    const [from, name] = random.pick(places);
    return structuredClone(from[name]);
  };
  const isNumber = typeof value === 'number';
  switch (random.integer(0, 6)) {
    case 0:
      Reflect.deleteProperty(owner, key);
      return;
    case 1:
      owner[key] = other();
      return;
    case 2:
      owner[key] = isNumber ? value + random.pick([-1, 1, 1e3, 1e6]) : random.pick(STRANGE);
      return;
    case 3:
      owner[random.pick(['name', 'config', 'layers', 'shape', 'dtype', 'extra'])] = other();
      return;
    case 4:
      if (Array.isArray(value)) {
        owner[key] = random.chance(0.5)
          ? [...(value as unknown[]), ...(value as unknown[])]
          : value.slice(1);
        return;
      }
      owner[key] = typeof value === 'string' ? value + random.pick(['', '_1', '/x']) : other();
      return;
    default:
      owner[key] = random.pick(STRANGE);
  }
}

function* placesOf(owner: Record<string, unknown>): Generator<Place> {
  for (const [key, value] of Object.entries(owner)) {
    yield [owner, key];
    if (typeof value === 'object' && value !== null) {
      yield* placesOf(value as Record<string, unknown>);
    }
  }
}

/** A packed file, damaged at random, or such that its checksums hold. */
export function mutatePacked(file: Uint8Array, random: Random): Buffer {
  if (random.chance(0.3)) {
    return mutateBytes(file, random);
  }
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const end = Format.PRELUDE_BYTES + view.getUint32(24, true);
  let header = inflateRawSync(file.subarray(Format.PRELUDE_BYTES, end));
  const frames = [...framesOf(file.subarray(end))];
  let weightBytes = view.getFloat64(16, true);
  switch (random.integer(0, 4)) {
    case 0:
      header = Buffer.from(mutateJSON(header.toString(), random));
      break;
    case 1:
      header = Buffer.concat([header, Buffer.alloc(random.pick([0, 1e6, 3e7]), ' ')]);
      break;
    case 2:
      weightBytes = random.pick([0, -1, NaN, 2 ** 32, 2 ** 60, weightBytes + 4]);
      break;
    case 3:
      frames.splice(random.integer(0, frames.length - 1), 1, ...(random.chance(0.5) ? frames : []));
      break;
    default: {
      const i = random.integer(0, frames.length - 1);
      frames[i] = mutateBytes(frames[i].subarray(0, random.pick([12, 1e9])), random);
    }
  }
  return sealed(header, frames, weightBytes);
}

function* framesOf(bytes: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length; at += 8 + view.getUint32(at, true)) {
    yield bytes.subarray(at + 8, at + 8 + view.getUint32(at, true));
  }
}

/** The packed file of these parts, with checksums that match them. */
function sealed(header: Uint8Array, frames: readonly Uint8Array[], weightBytes: number): Buffer {
  const deflated = deflateRawSync(header);
  const prelude = Buffer.alloc(Format.PRELUDE_BYTES);
  const framesBytes = frames.reduce((sum, {length}) => sum + 8 + length, 0);
  prelude.write('TFPK');
  prelude.writeUInt32LE(1, 4);
  prelude.writeDoubleLE(Format.PRELUDE_BYTES + deflated.length + framesBytes, 8);
  prelude.writeDoubleLE(weightBytes, 16);
  prelude.writeUInt32LE(deflated.length, 24);
  let sum = checksum(deflated, checksum(prelude.subarray(0, 28)));
  prelude.writeUInt32LE(sum, 28);
  const parts: Uint8Array[] = [prelude, deflated];
  for (const frame of frames) {
    sum = checksum(frame, sum);
    const head = Buffer.alloc(8);
    head.writeUInt32LE(frame.length, 0);
    head.writeUInt32LE(sum, 4);
    parts.push(head, frame);
  }
  return Buffer.concat(parts);
}
