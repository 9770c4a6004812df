import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {dirname, join, relative, resolve, sep} from 'node:path';

import ts from 'typescript';

/** Rooms that still reach into tfjs by themselves, which `lib/model` is there for. */
const REACH_INTO_TFJS: string[] = [];

/** Folders that still import each other. */
const MUTUAL: string[] = [];

const ROOT = resolve(__dirname, '..');
const LIB = join(ROOT, 'lib');
const CONTRIBUTING = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');

/** The rows of the table of rooms, the top one first; `''` stands for the files beside the rooms. */
const ROWS = [...CONTRIBUTING.matchAll(/^\| `lib\/(.*?)\/?` \| (.*?) \| (.*?) \|$/gm)].map(
  ([, room, , places]) => ({room: room === '*.ts' ? '' : room, places}),
);
const ORDER = ROWS.map(({room}) => room);

/** All source files, by their paths in `lib/`. */
const FILES = readdirSync(LIB, {recursive: true, encoding: 'utf8'})
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.split(sep).join('/'))
  .sort();

const read = (file: string) => readFileSync(join(LIB, file), 'utf8');
const folderOf = (file: string) => (file.includes('/') ? dirname(file) : '');
const roomOf = (file: string) => (file.includes('/') ? file.split('/')[0] : '');

/** The files in `lib/` that each file imports, for types alone too. */
const IMPORTS = new Map(
  FILES.map((file) => {
    const names = ts.preProcessFile(read(file)).importedFiles.map(({fileName}) => fileName);
    const own = names.filter((name) => name.startsWith('.'));
    const paths = own.map((name) => relative(LIB, resolve(LIB, folderOf(file), name)));
    return [file, paths.map((path) => fileAt(path.split(sep).join('/')))];
  }),
);

function fileAt(path: string): string {
  return [`${path}.ts`, `${path}/index.ts`, path].find((each) => FILES.includes(each)) ?? path;
}

/** Each import from one folder into another, as `from -> to`. */
const arrows = [...IMPORTS].flatMap(([from, all]) => all.map((to) => ({from, to})));
const show = ({from, to}: {from: string; to: string}) => `${from} -> ${to}`;

it('finds imports at all', () => {
  expect(ROWS.length).toBeGreaterThan(10);
  expect(IMPORTS.get('base/check.ts')).toEqual(['base/errors.ts', 'base/nearest.ts']);
  const outside = arrows.filter(({to}) => !FILES.includes(to)).map(show);
  expect(outside).toEqual(['base/version.ts -> ../package.json']);
});

it('every folder of lib is a room of the table in CONTRIBUTING.md, once', () => {
  const folders = readdirSync(LIB, {withFileTypes: true}).filter((entry) => entry.isDirectory());
  expect([...ORDER].sort()).toEqual(['', ...folders.map(({name}) => name)].sort());
});

it('what the table names is there', () => {
  const named = ROWS.flatMap(({room, places}) =>
    [...places.matchAll(/`([\w/]+(?:\.ts|\/))`/g)].map(([, place]) => join('lib', room, place)),
  );
  const elsewhere = [...CONTRIBUTING.matchAll(/`((?:lib|test|bench|docs|\.ci)\/[\w./]*)`/g)];
  expect(elsewhere.length).toBeGreaterThan(25);
  const paths = [...named, ...elsewhere.map(([, path]) => path)];
  expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

it('files import from their own room and from those below it only', () => {
  const upward = arrows.filter(
    ({from, to}) => FILES.includes(to) && ORDER.indexOf(roomOf(to)) < ORDER.indexOf(roomOf(from)),
  );
  expect(upward.map(show)).toEqual([]);
});

it('no two folders import each other', () => {
  const pairs = new Set(
    arrows
      .map(({from, to}) => [folderOf(from), folderOf(to)])
      // A folder and one within it are one room.
      .filter(([a, b]) => !`${a}/`.startsWith(`${b}/`) && !`${b}/`.startsWith(`${a}/`))
      .map(([a, b]) => `${a}, ${b}`),
  );
  const turned = (pair: string) => pair.split(', ').reverse().join(', ');
  const mutual = [...pairs].filter((pair) => pairs.has(turned(pair)) && pair < turned(pair));
  expect(mutual).toEqual(MUTUAL);
});

it('no file imports itself by way of others', () => {
  const reached = (file: string, seen = new Set<string>()) => {
    for (const next of IMPORTS.get(file) ?? []) {
      if (!seen.has(next)) {
        seen.add(next);
        reached(next, seen);
      }
    }
    return seen;
  };
  expect(FILES.filter((file) => reached(file).has(file))).toEqual([]);
});

it('only lib/model reaches into tfjs', () => {
  const reaching = FILES.filter((file) =>
    /\bReflect\s*\.|\b(?!this\b)\w+\??\._\w|\[['"]_\w/.test(read(file)),
  );
  const rooms = new Set(reaching.map(roomOf).filter((room) => room !== 'model'));
  expect([...rooms].sort()).toEqual([...REACH_INTO_TFJS].sort());
});

it('tests are in folders of the same names', () => {
  const folders = readdirSync(__dirname, {withFileTypes: true}).filter((entry) =>
    entry.isDirectory(),
  );
  const others = ['bench', 'consumers', 'docs', 'models', 'scripts', 'setup'];
  const unknown = folders.filter(({name}) => !ORDER.includes(name) && !others.includes(name));
  expect(unknown.map(({name}) => name)).toEqual([]);
});
