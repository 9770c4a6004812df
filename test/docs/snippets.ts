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

/** An example in a comment of the library. */
export interface Example extends Snippet {
  /** What the comment is about. */
  readonly owner: string;
}

const COMMENT = /^\/\*\*\n((?: \*.*\n)+?) \*\/\nexport (?:async )?(?:const|class|function) (\w+)/gm;
const EXAMPLE = /^ \* @example\n(.*?)(?=^ \* @|(?![^]))/gms;

/** The examples of classes and functions that the library's modules export. Excerpts, not run. */
export function readExamples(root: string): Example[] {
  const files = readdirSync(join(root, 'lib'), {recursive: true, encoding: 'utf8'});
  return files
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => {
      const source = readFileSync(join(root, 'lib', name), 'utf8');
      return [...source.matchAll(COMMENT)].flatMap(({1: comment, 2: owner}) =>
        [...comment.matchAll(EXAMPLE)].map(({1: text}, i) => ({
          name: `example ${i + 1} of ${owner}`,
          owner,
          text: text.replace(/^ \* ?/gm, ''),
          isRun: false,
        })),
      );
    });
}

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
  // A name that two modules export comes from the first.
  const left = (names: readonly string[]) => {
    const wanted = names.filter((name) => !imported.has(name));
    wanted.forEach((name) => imported.add(name));
    return wanted.join();
  };
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
