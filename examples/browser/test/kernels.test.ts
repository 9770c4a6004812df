import {existsSync, readFileSync} from 'node:fs';
import {createServer, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';
import {basename, dirname, join, resolve} from 'node:path';

import {buildSync} from 'esbuild';
import type {Browser} from 'playwright-core';

import {launch} from './chromium';
import {withChromium} from './with_chromium';

const MODELS = 100;
/** With these the browser lets a page share memory between threads. */
const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  js: 'text/javascript',
  wasm: 'application/wasm',
};

withChromium('the kernels in headless Chromium', () => {
  let server: Server;
  let browser: Browser;

  beforeAll(async () => {
    const {outputFiles} = buildSync({
      entryPoints: [resolve(__dirname, 'kernels/page.ts')],
      bundle: true,
      format: 'esm',
      platform: 'browser',
      write: false,
      logLevel: 'error',
    });
    const script = outputFiles[0].contents;
    const builds = dirname(require.resolve('@tensorflow/tfjs-backend-wasm/dist/index.js'));
    server = createServer(({url = '/'}, response) => {
      const path = url === '/' ? '/index.html' : url;
      const file = join(builds, basename(path));
      const type = TYPES[path.split('.').pop() ?? ''] ?? 'text/plain';
      response.writeHead(200, {...ISOLATED, 'Content-Type': type});
      if (path === '/index.html') {
        response.end('<!doctype html><script type="module" src="/page.js"></script>');
      } else {
        response.end(path === '/page.js' ? script : existsSync(file) ? readFileSync(file) : '');
      }
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    browser = await launch({webgl: false});
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  it.each(['plain', 'simd', 'threaded'] as const)(
    'predict with the %s build what tfjs predicts, to the bit, and train',
    async (build) => {
      const page = await browser.newPage();
      const {port} = server.address() as AddressInfo;
      await page.goto(`http://127.0.0.1:${port}/`);
      await page.waitForFunction('window.compare');
      const findings = await page.evaluate(([build, models]) => window.compare(build, models), [
        build,
        MODELS,
      ] as const);
      expect(findings.different).toEqual([]);
      expect(findings.sparseWeights).toBeGreaterThan(MODELS);
      expect(findings.isShared).toBe(build === 'threaded');
      expect(findings.losses[1]).toBeLessThan(findings.losses[0]);
      await page.close();
    },
  );
});
