import {defineConfig} from 'vite';

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
  // One copy of these: tensors of another are strange to a backend.
  resolve: {dedupe: ['@tensorflow/tfjs-core', '@tensorflow/tfjs-layers']},
});
