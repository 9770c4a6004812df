import * as tf from '@tensorflow/tfjs-core';
import simdUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threadedUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import plainUrl from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';

import type {BackendName, BackendNotes} from './api';

const LOADERS: Record<BackendName, () => Promise<void>> = {
  webgl: async () => {
    await import('@tensorflow/tfjs-backend-webgl');
    // Without a graphics card too: slow, and said so.
    tf.env().set('SOFTWARE_WEBGL_ENABLED', true);
  },
  wasm: async () => {
    const {setWasmPaths} = await import('@tensorflow/tfjs-backend-wasm');
    setWasmPaths({
      'tfjs-backend-wasm.wasm': plainUrl,
      'tfjs-backend-wasm-simd.wasm': simdUrl,
      'tfjs-backend-wasm-threaded-simd.wasm': threadedUrl,
    });
    const {replaceSlowKernels} = await import('tfjs-prune/wasm');
    replaceSlowKernels();
  },
  cpu: async () => {
    await import('@tensorflow/tfjs-backend-cpu');
  },
};

/** What can be said of the backends before one is loaded. */
export function backendNotes(): BackendNotes {
  const canvas = (attributes = {}) =>
    typeof OffscreenCanvas === 'undefined'
      ? null
      : new OffscreenCanvas(1, 1).getContext('webgl2', attributes);
  const hasWebGL = canvas() !== null;
  const isSoftware = canvas({failIfMajorPerformanceCaveat: true}) === null;
  const hasWasm = typeof WebAssembly !== 'undefined';
  return {
    webgl: {
      missing: !hasWebGL,
      note: !hasWebGL
        ? 'WebGL 2 is missing: this browser has it switched off, or none for workers.'
        : isSoftware
          ? 'WebGL runs without a graphics card here, and is slow.'
          : '',
    },
    wasm: {missing: !hasWasm, note: hasWasm ? '' : 'WebAssembly is missing in this browser.'},
    cpu: {missing: false, note: 'Plain JavaScript is slow: take few images.'},
  };
}

let started: Promise<void> = Promise.resolve();
let isReady = false;
/** What computes and would fail if tfjs changed the backend. */
const running = new Set<Promise<unknown>>();

/** Whether tfjs computes on a backend, and is not just starting one. */
export function hasBackend(): boolean {
  return isReady;
}

/** Makes tfjs compute on `name`, after whatever is being started. */
export function startBackend(name: BackendName): Promise<void> {
  started = started.catch(() => {}).then(() => start(name));
  return started;
}

/**
 * Does `work` on the backend that there is, or one that any browser has. While
 * tfjs starts a backend it computes on none, so work waits for that, and that for work.
 */
export async function onBackend<T>(work: () => Promise<T>): Promise<T> {
  let awaited;
  do {
    awaited = started;
    await awaited.catch(() => {});
  } while (awaited !== started);
  if (!isReady) {
    await startBackend(backendNotes().wasm.missing ? 'cpu' : 'wasm');
  }
  const done = work();
  running.add(done);
  try {
    return await done;
  } finally {
    running.delete(done);
  }
}

async function start(name: BackendName): Promise<void> {
  if (isReady && tf.getBackend() === name) {
    return;
  }
  await Promise.allSettled(running);
  isReady = false;
  await LOADERS[name]();
  if (!(await tf.setBackend(name))) {
    throw new Error(`The backend '${name}' could not be started in this browser.`);
  }
  await tf.ready();
  isReady = true;
}
