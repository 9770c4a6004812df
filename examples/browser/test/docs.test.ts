import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';

const PAGE = resolve(__dirname, '../../../out/browser/page');

/** What `file` links to or shows, as paths of the file system; other sites are left out. */
function targetsOf(file: string): string[] {
  const html = readFileSync(file, 'utf8');
  return [...html.matchAll(/(?:href|src)="([^"]+)"/g)]
    .map(([, target]) => target)
    .filter((target) => !/^(https?:|data:)/.test(target))
    .map((target) => {
      const [path, id] = target.split('#');
      return `${path ? join(dirname(file), path) : file}${id ? `#${id}` : ''}`;
    });
}

function exists(target: string): boolean {
  const [path, id] = target.split('#');
  return existsSync(path) && (!id || readFileSync(path, 'utf8').includes(`id="${id}"`));
}

it('leads nowhere in vain, and shows every picture', () => {
  const docs = join(PAGE, 'docs');
  const pages = readdirSync(docs)
    .filter((name) => name.endsWith('.html'))
    .map((name) => join(docs, name));
  expect(pages.length).toBeGreaterThan(10);
  const targets = [join(PAGE, 'index.html'), ...pages].flatMap(targetsOf);
  expect(targets.length).toBeGreaterThan(100);
  expect(targets.filter((target) => !exists(target))).toEqual([]);
});
