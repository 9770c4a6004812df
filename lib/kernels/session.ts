import type {TensorInfo} from '@tensorflow/tfjs-core';

import {allocateIn, freeIn, memoryOf, type WasmBackend} from '../model/wasm_backend';
import {compile, compileNow, instantiate, isSupported} from './compile';
import type {KernelExports} from './exports';
import {LIMITS, type ClampingActivation} from './limits';
import {PREDICTION_BINARY} from './prediction_binary';

const FLOAT = 4;
/** A line of the cache. */
const LINE = 64;

/** The kernels, working in the memory of one backend. */
export class KernelSession {
  /** Where the limits of each activation are. */
  private readonly limits: Readonly<Record<string, number>>;
  private readonly zeros: Buffer;
  private readonly scratch: Buffer;

  constructor(
    readonly backend: WasmBackend,
    readonly kernels: KernelExports,
    readonly memory: WebAssembly.Memory,
  ) {
    const limits = Object.values(LIMITS).flat();
    const at = this.allocate(limits.length * FLOAT);
    this.floats(at, limits.length).set(limits);
    this.limits = Object.fromEntries(
      Object.keys(LIMITS).map((activation, i) => [activation, at + i * 2 * FLOAT]),
    );
    this.zeros = new Buffer(this);
    this.scratch = new Buffer(this);
  }

  /** Takes memory until it is freed. */
  allocate(bytes: number): number {
    const at = allocateIn(this.backend, bytes);
    if (at === 0) {
      throw new RangeError(`The memory of the wasm backend has no ${bytes} bytes left.`);
    }
    return at;
  }

  free(at: number): void {
    freeIn(this.backend, at);
  }

  /** A view, valid until memory is taken: then it may move. */
  floats(at: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, at, length);
  }

  /** A view, valid until memory is taken: then it may move. */
  words(at: number, length: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, at, length);
  }

  /** Copies bytes. */
  copy(from: number, to: number, bytes: number): void {
    new Uint8Array(this.memory.buffer).copyWithin(to, from, from + bytes);
  }

  /** Where the numbers of a tensor are. */
  addressOf({dataId}: Pick<TensorInfo, 'dataId'>): number {
    return this.backend.dataIdMap.get(dataId)?.memoryOffset as number;
  }

  limitsOf(activation: ClampingActivation): number {
    return this.limits[activation];
  }

  /** `count` zeros, for a product without a bias. */
  zerosOf(count: number): number {
    return this.zeros.take(count * FLOAT, (at) => this.floats(at, count).fill(0));
  }

  /** Memory that the next call takes again. */
  scratchOf(bytes: number): number {
    return this.scratch.take(bytes);
  }
}

/** Memory that grows with what is asked of it. */
class Buffer {
  private at = 0;
  private bytes = 0;

  constructor(private readonly session: KernelSession) {}

  take(bytes: number, fill: (at: number) => void = () => {}): number {
    if (bytes > this.bytes) {
      const at = this.session.allocate(bytes + LINE);
      if (this.bytes > 0) {
        this.session.free(this.at);
      }
      this.at = at;
      this.bytes = bytes;
      fill(this.aligned);
    }
    return this.aligned;
  }

  private get aligned(): number {
    return Math.ceil(this.at / LINE) * LINE;
  }
}

const sessions = new WeakMap<object, KernelSession>();

/** The session of `backend`, where one is open. */
export function sessionOf(backend: unknown): KernelSession | undefined {
  return sessions.get(backend as object);
}

/** Backends whose session was asked for. */
const asked = new WeakSet<object>();

/**
 * The session of `backend`, opened now where it can be: browsers compile at once only in
 * workers, or small modules. Elsewhere it is there soon.
 */
export function sessionSoon(backend: unknown): KernelSession | undefined {
  const known = sessions.get(backend as object);
  if (known || asked.has(backend as object)) {
    return known;
  }
  asked.add(backend as object);
  const memory = whyNoSession(backend) === undefined ? memoryOf(backend) : undefined;
  if (!memory) {
    return undefined;
  }
  try {
    return open(backend, compileNow(PREDICTION_BINARY, memory), memory);
  } catch {
    // Until then tfjs's kernels compute.
    openSession(backend).catch(() => {});
    return undefined;
  }
}

/** Why `backend` can have no session; `undefined` where it can. */
export function whyNoSession(backend: unknown): string | undefined {
  if (!isSupported(PREDICTION_BINARY)) {
    return 'this JavaScript engine has no WebAssembly SIMD';
  }
  return memoryOf(backend) ? undefined : "this version of tfjs's wasm backend hides its memory";
}

/** Opens the session of a backend that can have one, without holding up the thread. */
export async function openSession(backend: unknown): Promise<KernelSession> {
  const memory = memoryOf(backend) as WebAssembly.Memory;
  const module = sessions.has(backend as object)
    ? undefined
    : await compile(PREDICTION_BINARY, memory);
  return sessionOf(backend) ?? open(backend, module as WebAssembly.Module, memory);
}

function open(
  backend: unknown,
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): KernelSession {
  const kernels = instantiate<KernelExports>(module, memory);
  const session = new KernelSession(backend as WasmBackend, kernels, memory);
  sessions.set(backend as object, session);
  return session;
}
