import {existsSync} from 'node:fs';
import {dirname, join, relative, resolve, sep} from 'node:path';

import type {Plugin} from 'esbuild';

/**
 * Leaves each of `files` a module of its own, which the others and what is bundled at the
 * top of the output import.
 *
 * @param files The path in the output without an extension → the source.
 */
export function modulePerFile(files: Readonly<Record<string, string>>): Plugin {
  const names = new Map(Object.entries(files).map(([name, file]) => [resolve(file), name]));
  return {
    name: 'module-per-file',
    setup(build) {
      build.onResolve({filter: /^\./}, ({path, importer, resolveDir}) => {
        const to = names.get(fileOf(join(resolveDir, path)));
        if (to === undefined || importer === '') {
          return undefined;
        }
        const way = relative(dirname(names.get(importer) ?? ''), to).replaceAll(sep, '/');
        return {path: way.startsWith('.') ? `${way}.js` : `./${way}.js`, external: true};
      });
    },
  };
}

/** The file that an import of `path` means. */
function fileOf(path: string): string {
  return existsSync(`${path}.ts`) ? `${path}.ts` : join(path, 'index.ts');
}
