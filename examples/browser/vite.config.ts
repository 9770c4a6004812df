import {defineConfig} from 'vite';

/** With these the browser lets threads share memory, and the threaded build of wasm runs. */
const headers = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  // The built page works from any folder of a server.
  base: './',
  build: {
    target: 'es2022',
    outDir: '../../out/browser/page',
    emptyOutDir: true,
    // vega, which draws the charts, is loaded with the first of them.
    chunkSizeWarningLimit: 1200,
  },
  worker: {format: 'es'},
  server: {headers},
  preview: {headers},
  // One copy of these: tensors of another are strange to a backend.
  resolve: {dedupe: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers']},
});
