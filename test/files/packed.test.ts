import {gzipSync} from 'node:zlib';

import type {io} from '@tensorflow/tfjs-core';
import {buildSync} from 'esbuild';

import {packed} from '../../lib/files/load';
import {pack} from '../../lib/files/packed/pack';
import {distinct, random} from '../setup/models';
import {bytesOf, modelOf, withoutData} from './artifacts';
import {errorOf} from './node/support';

const next = random(1);
const artifacts = modelOf(distinct(70_000).map((value) => (next() < 0.75 ? 0 : value)));

async function file(): Promise<Uint8Array<ArrayBuffer>> {
  const [spec] = artifacts.weightSpecs!;
  const bytes = new Uint8Array(artifacts.weightData as ArrayBuffer);
  return Uint8Array.from(Buffer.concat(await pack(artifacts, [{spec, bytes}])));
}

function expectModel(loaded: io.ModelArtifacts): void {
  expect(withoutData(loaded)).toEqual(withoutData(artifacts));
  expect(bytesOf(loaded.weightData).equals(bytesOf(artifacts.weightData))).toBe(true);
}

/** A `fetch` that gives `body`, and what it was asked for. */
function fetchOf(body: BodyInit | null, status = 200) {
  const calls: unknown[][] = [];
  const fetchFunc = async (...args: unknown[]) => {
    calls.push(args);
    return new Response(body, {status});
  };
  return {fetchFunc: fetchFunc as typeof fetch, calls};
}

test('the loader needs nothing else, and at most 4 KB, minified by esbuild and gzipped', () => {
  const {outputFiles, metafile} = buildSync({
    entryPoints: ['lib/files/load.ts'],
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    write: false,
    metafile: true,
  });
  const inputs = Object.keys(metafile.inputs);
  const isOwn = (input: string) => /^lib\/(?:files\/|base\/errors\.ts)/.test(input);
  expect(inputs.filter((input) => !isOwn(input))).toEqual([]);
  expect(gzipSync(outputFiles[0].contents, {level: 9}).length).toBeLessThanOrEqual(4096);
});

test('a file is loaded from an address, with what fetch is to be told', async () => {
  const requestInit = {headers: {authorization: 'me'}};
  for (const address of ['models/a.tfpack', new URL('https://a.site/a.tfpack')]) {
    const {fetchFunc, calls} = fetchOf(await file());
    expectModel(await packed(address, {fetchFunc, requestInit}).load!());
    expect(calls).toEqual([[address, requestInit]]);
  }
});

test.each(['bytes', 'buffer', 'blob', 'stream'])('a file is loaded from its %s', async (kind) => {
  const bytes = await file();
  const blob = new Blob([bytes]);
  const sources = {bytes, buffer: bytes.buffer, blob, stream: blob.stream()};
  expectModel(await packed(sources[kind as keyof typeof sources]).load!());
});

test.each([1, 7, 1000, 65_536])('parts of %d bytes do, and progress rises to 1', async (size) => {
  const bytes = await file();
  let offset = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      controller.enqueue(bytes.subarray(offset, offset + size));
      offset += size;
      if (offset >= bytes.length) {
        controller.close();
      }
    },
  });
  const fractions: number[] = [];
  expectModel(await packed(stream, {onProgress: (share) => fractions.push(share)}).load!());
  // Two chunks of words.
  expect(fractions.length).toBe(2);
  expect(fractions[0]).toBeGreaterThan(0.8);
  expect(fractions[1]).toBe(1);
});

test.each([
  [404, "expected a file that can be fetched, but got 'the status 404'."],
  [204, "expected a file that can be fetched, but got 'the status 204'."],
])('an answer of status %d is an error', async (status, message) => {
  const {fetchFunc} = fetchOf(null, status);
  const error = await errorOf(() => packed('https://a.site/a.tfpack', {fetchFunc}).load!());
  expect(error.message).toBe(`https://a.site/a.tfpack: ${message}`);
});

test('a download of no use is stopped', async () => {
  const cancel = jest.fn();
  const page = new TextEncoder().encode(`<!doctype html>${' '.repeat(100)}`);
  const stream = new ReadableStream({pull: (controller) => controller.enqueue(page), cancel});
  const {message} = await errorOf(() => packed(stream).load!());
  expect(message).toBe(
    "packed model: expected a packed model, whose first bytes are 'TFPK', but got 'others'.",
  );
  expect(cancel).toHaveBeenCalledTimes(1);
});

test('what is no source, or no option, is refused', async () => {
  const load = () => packed(null as never).load!();
  expect((await errorOf(load)).message).toBe(
    'source: expected an address, a Blob, bytes or a stream, but got null.',
  );
  expect((await errorOf(() => packed('a', {progress: 1} as never))).message).toBe(
    "packed: expected options among onProgress, requestInit, fetchFunc, but got 'progress'.",
  );
});

test('what fetch throws is passed on', async () => {
  const offline = new TypeError('Failed to fetch');
  const fetchFunc = () => Promise.reject(offline);
  await expect(packed('a', {fetchFunc}).load!()).rejects.toBe(offline);
});
