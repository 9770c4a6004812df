import {BINARY} from './binary';
import type {KernelExports} from './exports';

/** `06 'memory' 02`: the end of the import's name, and that it is a memory. Flags follow. */
const BEFORE_FLAGS = [6, ...[...'memory'].map((letter) => letter.charCodeAt(0)), 2];
const SHARED_WITH_MAXIMUM = 3;

/** Whether this JavaScript engine can run the kernels: they are SIMD. */
export function isSupported(): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(bytesFor(false));
}

/** Compiles the kernels for a memory, without holding up the thread. */
export async function compile(memory: WebAssembly.Memory): Promise<WebAssembly.Module> {
  return WebAssembly.compile(bytesFor(isShared(memory)));
}

/** Compiles at once; throws on a page's own thread in browsers that allow that for small modules only. */
export function compileNow(memory: WebAssembly.Memory): WebAssembly.Module {
  return new WebAssembly.Module(bytesFor(isShared(memory)));
}

/** The kernels, working on `memory`. */
export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): KernelExports {
  const {exports} = new WebAssembly.Instance(module, {env: {memory}});
  return {...exports} as unknown as KernelExports;
}

function isShared({buffer}: WebAssembly.Memory): boolean {
  return typeof SharedArrayBuffer === 'function' && buffer instanceof SharedArrayBuffer;
}

/** One binary serves both kinds of memory: only a flag of the import differs. */
function bytesFor(shared: boolean): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(BINARY), (letter) => letter.charCodeAt(0));
  if (shared) {
    const at = bytes.findIndex((_byte, i) =>
      BEFORE_FLAGS.every((byte, j) => bytes[i + j] === byte),
    );
    bytes[at + BEFORE_FLAGS.length] = SHARED_WITH_MAXIMUM;
  }
  return bytes;
}
