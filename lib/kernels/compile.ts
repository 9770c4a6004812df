/** `06 'memory' 02`: the end of the import's name, and that it is a memory. Flags follow. */
const BEFORE_FLAGS = [6, ...[...'memory'].map((letter) => letter.charCodeAt(0)), 2];
const SHARED_WITH_MAXIMUM = 3;

/** Whether this JavaScript engine can run the kernels: they are SIMD. */
export function isSupported(binary: string): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(bytesFor(binary, false));
}

/** Compiles the kernels for a memory, without holding up the thread. */
export async function compile(
  binary: string,
  memory: WebAssembly.Memory,
): Promise<WebAssembly.Module> {
  return WebAssembly.compile(bytesFor(binary, isShared(memory)));
}

/** Compiles at once; throws on a page's own thread in browsers that allow that for small modules only. */
export function compileNow(binary: string, memory: WebAssembly.Memory): WebAssembly.Module {
  return new WebAssembly.Module(bytesFor(binary, isShared(memory)));
}

/** The kernels, working on `memory`. */
export function instantiate<Kernels>(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): Kernels {
  const {exports} = new WebAssembly.Instance(module, {env: {memory}});
  return {...exports} as Kernels;
}

function isShared({buffer}: WebAssembly.Memory): boolean {
  return typeof SharedArrayBuffer === 'function' && buffer instanceof SharedArrayBuffer;
}

/** One binary serves both kinds of memory: only a flag of the import differs. */
function bytesFor(binary: string, shared: boolean): Uint8Array<ArrayBuffer> {
  const length = binary.length / 2;
  const bytes = Uint8Array.from({length}, (_, i) => parseInt(binary.slice(2 * i, 2 * i + 2), 16));
  if (shared) {
    const at = bytes.findIndex((_byte, i) =>
      BEFORE_FLAGS.every((byte, j) => bytes[i + j] === byte),
    );
    bytes[at + BEFORE_FLAGS.length] = SHARED_WITH_MAXIMUM;
  }
  return bytes;
}
