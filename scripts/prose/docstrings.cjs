const {existsSync, readFileSync} = require('node:fs');
const {dirname, resolve} = require('node:path');

const {parse} = require('@textlint/markdown-to-ast');

/**
 * A textlint plugin that reads the docstrings of files with public names as Markdown. Each line
 * keeps its number, and what is no docstring is blank. Of tags the texts are left, but not those
 * of `@example`, which are code, and of `@throws`, which are lists of faults.
 */
class Processor {
  availableExtensions() {
    return ['.ts'];
  }

  processor() {
    return {
      preProcess(source, filePath) {
        const text = publicFiles().has(resolve(filePath)) ? docstringsOf(source) : '';
        return {text, ast: parse(text)};
      },
      postProcess: (messages, filePath) => ({messages, filePath: filePath ?? '<docstrings>'}),
    };
  }
}

let files;

/** The entry points, and the files whose names they export. */
function publicFiles() {
  if (!files) {
    files = new Set();
    const {entryPoints} = JSON.parse(readFileSync('typedoc.json', 'utf8'));
    entryPoints.forEach((file) => follow(resolve(file)));
  }
  return files;
}

function follow(file) {
  if (!files.has(file)) {
    files.add(file);
    for (const [, path] of readFileSync(file, 'utf8').matchAll(
      /^export (?:type )?(?:\*|\{[^}]*\}) from '(\..+)';/gm,
    )) {
      const module = resolve(dirname(file), path);
      follow([`${module}.ts`, `${module}/index.ts`].find(existsSync));
    }
  }
}

function docstringsOf(source) {
  let inside = false;
  let skipped = false;
  const lines = source.split('\n').map((line) => {
    let text = line;
    if (!inside) {
      const start = /^\s*\/\*\*/.exec(line);
      if (!start) {
        return '';
      }
      inside = true;
      skipped = false;
      text = line.slice(start[0].length);
    }
    const end = text.indexOf('*/');
    if (end >= 0) {
      inside = false;
      text = text.slice(0, end);
    }
    text = text.replace(/^\s*\*? ?/, '').trimEnd();
    const [, tag] = /^@(\w+)/.exec(text) ?? [];
    if (tag) {
      skipped = tag === 'example' || tag === 'throws';
      text = text.replace(/^@param [\w.$[\]]+\s*(- )?|^@\w+\s*/, '- ');
    }
    return skipped ? '' : text.replace(/\{@link ([^}]+)\}/g, '`$1`');
  });
  return lines.join('\n');
}

module.exports = {Processor};
