import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

/** A block of TypeScript in the documentation. */
export interface Snippet {
  /** File and line: `'docs/faq.md:21'`. */
  readonly name: string;
  readonly text: string;
  /** Whether it only has to be right, since it cannot run here: `<!-- not run: why -->` before it. */
  readonly isRun: boolean;
}

const BLOCK = /(<!-- not run: .+? -->\s*)?^ *```ts\n(.*?)^ *```$/gms;
const IMPORT = /^ *import .*;.*$/gm;

/** All blocks of README.md and docs/*.md. */
export function readSnippets(root: string): Snippet[] {
  const documents = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...documents.map((name) => `docs/${name}`)].flatMap((path) => {
    const page = readFileSync(join(root, path), 'utf8');
    return [...page.matchAll(BLOCK)].map(({index, 0: all, 1: marker, 2: text}) => {
      const line = page.slice(0, index + all.indexOf('```ts')).split('\n').length;
      return {name: `${path}:${line}`, text, isRun: marker === undefined};
    });
  });
}

/**
 * A block as a module whose default export runs it. What it uses of `entries` need
 * not be imported, nor what it takes of `scope`.
 *
 * @param entries Module → the names that it exports.
 */
export function asModule(
  {text}: Snippet,
  entries: Readonly<Record<string, readonly string[]>>,
  scope: readonly string[],
): string {
  const imports = text.match(IMPORT) ?? [];
  const imported = new Set(imports.join().match(/\w+/g));
  const left = (names: readonly string[]) => names.filter((name) => !imported.has(name)).join();
  return [
    `import type {Scope} from './scope';`,
    ...Object.entries(entries).map(([path, names]) => `import {${left(names)}} from '${path}';`),
    ...imports,
    // A block within the function may declare again what the scope has.
    `export default async ({${left(scope)}}: Scope) => {{`,
    text.replace(IMPORT, ''),
    '}};',
  ].join('\n');
}

/** What the block says that it prints: `console.log(…); //=> this`. */
export function expectedOutput({text}: Snippet): string[] {
  return [...text.matchAll(/console\.log\(.*\); \/\/=> (.*)$/gm)].map(([, output]) => output);
}
