/** Constructors that take memory outside of the heap. */
const BUFFERS = [
  'ArrayBuffer',
  'Uint8Array',
  'Uint16Array',
  'Uint32Array',
  'Int32Array',
  'Float32Array',
  'Float64Array',
] as const;

/** Tells how much memory was taken, at a time or in all. */
export interface MemoryWatch {
  start(): void;
  /** The largest buffer since `start`, or by how much the process has grown, if more. */
  largest(): number;
}

/**
 * Watches buffers as they are made, since those that are never written take no memory of the
 * machine, and what the process has.
 */
export function watchMemory(): MemoryWatch {
  let largest = 0;
  let resident = 0;
  for (const name of BUFFERS) {
    const type = globalThis[name] as unknown as new (...args: unknown[]) => ArrayBufferLike;
    const watched = new Proxy(type, {
      construct: (target, args, newTarget: new () => object) => {
        const made = Reflect.construct(target, args, newTarget) as ArrayBufferLike & {
          buffer?: unknown;
        };
        // A view of a buffer takes no memory.
        const isView = typeof args[0] === 'object' && made.buffer === args[0];
        largest = Math.max(largest, isView ? 0 : made.byteLength);
        return made;
      },
    });
    Reflect.set(globalThis, name, watched);
  }
  return {
    start: () => {
      largest = 0;
      resident = process.resourceUsage().maxRSS;
    },
    largest: () => Math.max(largest, 1024 * (process.resourceUsage().maxRSS - resident)),
  };
}
