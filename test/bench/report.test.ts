import {execFileSync} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {BENCHES} from '../../bench/benches';

const root = join(__dirname, '../..');
const read = (...path: string[]) => readFileSync(join(...path), 'utf8');

describe('docs/benchmarks.md', () => {
  it('is, to the byte, what the stored results give', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-'));
    try {
      const tsx = join(root, 'node_modules/tsx/dist/cli.mjs');
      execFileSync(process.execPath, [tsx, 'bench/report.ts', '--docs', folder], {cwd: root});
      const docs = join(root, 'docs');
      expect(read(docs, 'benchmarks.md')).toBe(read(folder, 'benchmarks.md'));
      const pictures = readdirSync(join(folder, 'pictures'));
      expect(readdirSync(join(docs, 'pictures'))).toEqual(pictures);
      for (const file of pictures) {
        expect(read(docs, 'pictures', file)).toBe(read(folder, 'pictures', file));
      }
    } finally {
      rmSync(folder, {recursive: true});
    }
  });
});

describe('npm run bench', () => {
  const files = readdirSync(join(root, 'bench')).filter((file) => file.endsWith('.ts'));
  const benches = files.filter((file) =>
    /^ {0,2}(printResult|study\.print)\(/m.test(read(root, 'bench', file)),
  );

  it('knows every benchmark', () => {
    expect(
      Object.keys(BENCHES)
        .map((name) => `${name}.ts`)
        .sort(),
    ).toEqual(benches);
  });

  it('has a command for each', () => {
    const {scripts} = JSON.parse(read(root, 'package.json')) as {scripts: Record<string, string>};
    for (const file of benches) {
      expect(Object.values(scripts).some((script) => script.endsWith(`tsx bench/${file}`))).toBe(
        true,
      );
    }
  });
});
