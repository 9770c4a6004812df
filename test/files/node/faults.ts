import type {FileHandle} from 'node:fs/promises';

import type {ByteParts} from '../../../lib/files/artifacts/byte_source';

/** Node's own object, not the copy that `import *` would make: the library calls its members. */
const fs: typeof import('node:fs/promises') = require('node:fs/promises');

const FUNCTIONS = [
  'mkdir',
  'stat',
  'open',
  'readFile',
  'writeFile',
  'link',
  'copyFile',
  'rename',
  'readdir',
  'rm',
] as const;
const METHODS = ['sync', 'close', 'read'] as const;

/** A call to the file system. */
export interface Call {
  readonly name: (typeof FUNCTIONS)[number] | (typeof METHODS)[number];
  /** How many calls came before. */
  readonly index: number;
  /** How many calls of the same name came before. */
  readonly nth: number;
}

/** What becomes of a call: it's done, it throws, or the process dies in it. */
export type Fate = 'done' | 'fails' | 'dies';

type Method = (this: unknown, ...args: unknown[]) => Promise<unknown>;

/** Decides the fate of each call to the file system until `restore`. */
export function injectFaults(fate: (call: Call) => Fate) {
  const calls: Call[] = [];
  const closes: Array<() => Promise<unknown>> = [];
  let die = () => {};
  const death = new Promise<void>((resolve) => (die = resolve));

  const decided = (name: Call['name'], original: Method): Method =>
    async function (...args) {
      const nth = calls.filter((call) => call.name === name).length;
      const call = {name, index: calls.length, nth};
      calls.push(call);
      switch (fate(call)) {
        case 'done':
          return original.apply(this, args);
        case 'fails':
          await begin(name, original, args);
          throw injected(name);
        case 'dies':
          await begin(name, original, args);
          die();
          return new Promise(() => {});
      }
    };

  const spies = FUNCTIONS.map((name) => {
    const original = Reflect.get(fs, name) as Method;
    const call = decided(name, original);
    return jest
      .spyOn(fs as unknown as Record<string, Method>, name)
      .mockImplementation(async (...args) => {
        const result = await call(...args);
        if (name === 'open') {
          const file = result as FileHandle;
          closes.push(file.close.bind(file));
          for (const method of METHODS) {
            Object.defineProperty(file, method, {
              value: decided(method, Reflect.get(file, method) as Method),
            });
          }
        }
        return result;
      });
  });

  return {
    calls,
    death,
    async restore() {
      spies.forEach((spy) => spy.mockRestore());
      await Promise.allSettled(closes.map((close) => close()));
    },
  };
}

/** A write that ends half-way has written half; other calls do all or nothing. */
async function begin(name: Call['name'], original: Method, args: unknown[]): Promise<void> {
  if (name === 'writeFile') {
    const [file, data] = args as [FileHandle, string | ByteParts];
    await original(file, typeof data === 'string' ? data.slice(0, data.length / 2) : halves(data));
  }
}

async function* halves(parts: ByteParts): AsyncGenerator<Uint8Array> {
  for await (const part of parts) {
    yield part.subarray(0, part.byteLength / 2);
  }
}

function injected(name: string): Error {
  const code = name === 'writeFile' ? 'ENOSPC' : 'EIO';
  const words = name === 'writeFile' ? 'no space left on device' : 'i/o error';
  return Object.assign(new Error(`${code}: ${words}, ${name} 'x'`), {code, syscall: name});
}
