import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join, resolve} from 'node:path';

import type {Plugin} from 'esbuild';

const LICENSE_FILE = /^(licen[cs]e|copying|notice)([.-].*)?$/i;

/**
 * Writes the licenses of all packages whose code is in the bundle to `file`, as they ask for.
 * The build fails where one has no license file.
 */
export function thirdPartyNotices(file: string): Plugin {
  return {
    name: 'third-party-notices',
    setup(build) {
      build.initialOptions.metafile = true;
      build.onEnd(({metafile}) => {
        const inputs = Object.values(metafile?.outputs ?? {}).flatMap((output) =>
          Object.entries(output.inputs).flatMap(([path, {bytesInOutput}]) =>
            bytesInOutput > 0 && path.includes('node_modules/') ? [packageOf(path)] : [],
          ),
        );
        const packages = [...new Set(inputs)];
        const notices = packages.map(noticeOf).sort();
        writeFileSync(
          file,
          `The command line of this package, dist/cjs/cli.cjs, contains these packages.\n\n${notices.join('\n')}`,
        );
      });
    },
  };
}

/** The folder of the package that a file is of. */
function packageOf(path: string): string {
  let folder = dirname(resolve(path));
  while (!existsSync(join(folder, 'package.json')) || !nameOf(folder)) {
    folder = dirname(folder);
  }
  return folder;
}

function noticeOf(folder: string): string {
  const {name, version, license} = manifestOf(folder);
  const files = readdirSync(folder).filter((each) => LICENSE_FILE.test(each));
  if (files.length === 0) {
    throw new Error(`${name} is in the bundle, and has no license file in ${folder}.`);
  }
  const texts = files.sort().map((each) => readFileSync(join(folder, each), 'utf8').trim());
  return `${'='.repeat(80)}\n${name} ${version} (${license})\n\n${texts.join('\n\n')}\n`;
}

function nameOf(folder: string): string | undefined {
  return manifestOf(folder).name;
}

/** A package.json without a name says how the files of a folder are to be read. */
function manifestOf(folder: string): {name?: string; version?: string; license?: string} {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as object;
}
