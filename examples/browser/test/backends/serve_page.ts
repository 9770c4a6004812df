import {readFile} from 'node:fs/promises';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {dirname, join} from 'node:path';

import {build} from 'esbuild';

import type {Server} from '../server';

const WASM = dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'));

/** Serves a page with the library, from its source, and all backends of browsers. */
export async function servePage(): Promise<Server> {
  const {outputFiles} = await build({
    entryPoints: [join(__dirname, 'page.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    logLevel: 'error',
  });
  const script = outputFiles[0].contents;
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (path.startsWith('/wasm/')) {
      void readFile(join(WASM, 'dist', path.slice('/wasm/'.length))).then(
        (file) => response.setHeader('content-type', 'application/wasm').end(file),
        () => response.writeHead(404).end(),
      );
    } else if (path === '/page.js') {
      response.setHeader('content-type', 'text/javascript').end(script);
    } else {
      response
        .setHeader('content-type', 'text/html')
        .end('<!doctype html><meta charset="utf-8"><script src="/page.js"></script>');
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const {port} = server.address() as AddressInfo;
  return {url: `http://127.0.0.1:${port}/`, stop: () => void server.close()};
}
