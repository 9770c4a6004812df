import {IMPORTED, OPTIONS, REQUIRED, ZEROS} from './fit';
import {Consumer} from './install';

const FILES = {
  'required.test.js': `${REQUIRED}
    test('prunes', async () => expect(await fit()).toBe(${ZEROS}));
    test('loads the code of options', async () => expect(await fit(${OPTIONS})).toBe(${ZEROS}));`,
  'subpaths.test.js': `
    test.each(['io', 'load', 'node', 'rules', 'sparse', 'wasm'])('requires %s', (name) =>
      expect(Object.keys(require('tfjs-prune/' + name))).not.toEqual([]));`,
  'imported.test.ts': `${IMPORTED}
    test('prunes', async () => expect(await fit(${OPTIONS})).toBe(${ZEROS}));`,
  'jest.config.cjs': `module.exports = {
    transform: {'\\\\.ts$': ['ts-jest', {isolatedModules: true, diagnostics: false}]},
  };`,
  'tsconfig.json': JSON.stringify({
    compilerOptions: {module: 'commonjs', moduleResolution: 'node10', target: 'es2022'},
  }),
  'jsdom.test.js': `/** @jest-environment jsdom */
    test('is required where there is a document', () => {
      expect(typeof document).toBe('object');
      expect(typeof require('tfjs-prune/io').compressed).toBe('function');
      expect(typeof require('tfjs-prune').shrink).toBe('function');
    });`,
};

describe.each([
  ['29', ['jest@29.7.0', 'ts-jest@29.4.15', 'typescript@5.9.3', 'jest-environment-jsdom@29.7.0']],
  ['30', ['jest@30.5.2', 'ts-jest@29.4.15', 'typescript@5.9.3', 'jest-environment-jsdom@30.5.2']],
])('Jest %s', (_version, tools) => {
  let consumer: Consumer;
  beforeAll(() => {
    consumer = new Consumer(tools);
    consumer.write(FILES);
  });
  afterAll(() => consumer.remove());

  it.each(Object.keys(FILES).filter((name) => name.includes('.test.')))('runs %s', (name) => {
    consumer.tool('jest', name);
  });
});
