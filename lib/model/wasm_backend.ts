import type {DataType, TensorInfo} from '@tensorflow/tfjs-core';

/**
 * What the kernels use of a backend of `@tensorflow/tfjs-backend-wasm` 4.22. None of
 * it is documented there; `memoryOf` tells whether it is all there.
 */
export interface WasmBackend {
  /** The Emscripten module; null once the backend is disposed. */
  readonly wasm: EmscriptenModule | null;
  readonly dataIdMap: {get(dataId: object): TensorData | undefined; has(dataId: object): boolean};
  incRef(dataId: object): void;
  makeOutput(shape: number[], dtype: DataType): TensorInfo;
  disposeData: (dataId: object, force?: boolean) => boolean;
}

interface EmscriptenModule {
  /** The memory where threads share it; else it is an export. */
  readonly wasmMemory?: WebAssembly.Memory;
  readonly asm?: {readonly memory?: WebAssembly.Memory};
  _malloc(bytes: number): number;
  _free(at: number): void;
}

interface TensorData {
  /** In bytes; null for strings. */
  readonly memoryOffset: number | null;
  readonly shape: readonly number[];
  readonly dtype: DataType;
}

/** The memory that the tensors of `backend` lie in; `undefined` where it cannot be reached. */
export function memoryOf(backend: unknown): WebAssembly.Memory | undefined {
  const {wasm, dataIdMap, incRef, makeOutput, disposeData} = backend as Partial<WasmBackend>;
  const memory = wasm?.wasmMemory ?? wasm?.asm?.memory;
  const parts = [wasm?._malloc, wasm?._free, dataIdMap?.get, incRef, makeOutput, disposeData];
  const isWhole = parts.every((part) => typeof part === 'function');
  return isWhole && memory instanceof WebAssembly.Memory ? memory : undefined;
}

/** Takes memory of the backend until it is freed; 0 where there is none left. */
export function allocateIn({wasm}: WasmBackend, bytes: number): number {
  // From 2 GB on, Emscripten's number is negative.
  return (wasm?._malloc(bytes) ?? 0) >>> 0;
}

/** Gives memory back; nothing where the backend, and so its memory, is gone. */
export function freeIn({wasm}: WasmBackend, at: number): void {
  wasm?._free(at);
}
