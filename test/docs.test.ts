import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {inspect} from 'node:util';

import * as tf from '@tensorflow/tfjs-core';
import ts from 'typescript';

import * as prune from '../lib';
import * as io from '../lib/files/io';
import * as load from '../lib/files/load';
import * as node from '../lib/node';
import * as rules from '../lib/rules';
import * as sparse from '../lib/sparse';
import * as wasm from '../lib/wasm';
import {makeScope, type Scope} from './docs/scope';
import {asModule, expectedOutput, readExamples, readSnippets, type Snippet} from './docs/snippets';
import * as tfjs from './docs/tfjs';

const root = join(__dirname, '..');
const modules: Record<string, object> = {
  'tfjs-prune': prune,
  'tfjs-prune/io': io,
  'tfjs-prune/load': load,
  'tfjs-prune/node': node,
  'tfjs-prune/rules': rules,
  'tfjs-prune/sparse': sparse,
  'tfjs-prune/wasm': wasm,
};
const entries = Object.fromEntries(
  Object.entries(modules).map(([path, exported]) => [path, Object.keys(exported)]),
);
const exported = new Set(Object.values(entries).flat());
const examples = readExamples(root).filter(({owner}) => exported.has(owner));
const snippets: readonly Snippet[] = [...readSnippets(root), ...examples];
const files = snippets.map((_, i) => join(root, `test/docs/snippet_${i}.ts`));
const sources = new Map<string, string>();

// Not at once: a scope has tensors, and the backend starts before the tests.
beforeAll(() => {
  const scope = Object.keys(makeScope());
  files.forEach((file, i) => sources.set(file, asModule(snippets[i], entries, scope)));
});

it('links to pages that the package has', () => {
  const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  const strange = ['README.md', ...pages.map((name) => `docs/${name}`)].flatMap((page) => {
    const links = [
      ...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g),
    ];
    return links
      .map(([, target]) => target)
      .filter((target) => !/^https?:/.test(target))
      .map((target) => join(page, '..', target))
      .filter((path) => !path.startsWith('docs/') || !existsSync(join(root, path)));
  });
  expect(strange).toEqual([]);
});

describe('the code in the documentation', () => {
  it('has an example of all that is exported', () => {
    const shown = new Set(examples.map(({owner}) => owner));
    expect([...exported].filter((name) => !shown.has(name))).toEqual([]);
  });

  it('fits the types of the library', () => {
    const {config} = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile);
    const {options} = ts.parseJsonConfigFileContent(config, ts.sys, root);
    const host = ts.createCompilerHost(options);
    const {fileExists, readFile} = host;
    host.fileExists = (path) => sources.has(path) || fileExists(path);
    host.readFile = (path) => sources.get(path) ?? readFile(path);
    const program = ts.createProgram({
      rootNames: files,
      host,
      options: {
        ...options,
        noUnusedLocals: false,
        noUnusedParameters: false,
        paths: {
          'tfjs-prune': [join(root, 'lib/index.ts')],
          'tfjs-prune/io': [join(root, 'lib/files/io.ts')],
          'tfjs-prune/load': [join(root, 'lib/files/load.ts')],
          'tfjs-prune/node': [join(root, 'lib/node.ts')],
          'tfjs-prune/queue': [join(root, 'lib/queue.ts')],
          'tfjs-prune/rules': [join(root, 'lib/rules.ts')],
          'tfjs-prune/sparse': [join(root, 'lib/sparse.ts')],
          'tfjs-prune/wasm': [join(root, 'lib/wasm/index.ts')],
          '*?url': [join(root, 'test/docs/url.ts')],
          '@tensorflow/tfjs': [join(root, 'test/docs/tfjs.ts')],
        },
      },
    });
    const errors = files.flatMap((path, i) => {
      const source = program.getSourceFile(path);
      return [
        ...program.getSyntacticDiagnostics(source),
        ...program.getSemanticDiagnostics(source),
      ].map(
        ({messageText}) =>
          `${snippets[i].name}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
      );
    });
    expect(errors).toEqual([]);
  });

  describe('runs', () => {
    const before = process.cwd();
    let folder: string;
    let printed: string[];

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-docs-'));
      process.chdir(folder);
      tf.io.registerSaveRouter((url) =>
        /^(downloads|indexeddb):/.test(String(url))
          ? tf.io.withSaveHandler(async () => ({
              modelArtifactsInfo: {dateSaved: new Date(0), modelTopologyType: 'JSON'},
            }))
          : (null as unknown as tf.io.IOHandler),
      );
    });

    beforeEach(() => {
      printed = [];
      jest.spyOn(console, 'log').mockImplementation((...values: unknown[]) => {
        printed.push(
          values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' '),
        );
      });
      // Schedules of thousands of steps do not end here.
      jest.spyOn(console, 'warn').mockImplementation(() => undefined);
      // Of a worker. `fit` breathes, and calls what posts, only where the machine is slow.
      Object.assign(globalThis, {postMessage: () => undefined});
    });

    afterEach(() => jest.restoreAllMocks());

    afterAll(() => {
      process.chdir(before);
      rmSync(folder, {recursive: true, force: true});
    });

    const imported = (path: string): unknown =>
      modules[path] ?? (path === '@tensorflow/tfjs' ? tfjs : require(path));

    it.each(
      snippets
        .map((snippet, i) => ({...snippet, snippet, file: files[i]}))
        .filter(({isRun}) => isRun),
    )('$name', async ({snippet, file}) => {
      const {outputText} = ts.transpileModule(sources.get(file)!, {
        compilerOptions: {module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022},
      });
      const exported: {default?: (scope: Scope) => Promise<void>} = {};
      new Function('require', 'exports', outputText)(imported, exported);
      await exported.default!(makeScope());
      const expected = expectedOutput(snippet);
      if (expected.length > 0) {
        expect(printed).toEqual(expected);
      }
    });
  });
});
