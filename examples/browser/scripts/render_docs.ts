/** Writes the documentation as pages of the site, so that its links lead somewhere. */
import {cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

import {Marked} from 'marked';

const from = fileURLToPath(new URL('../../../docs/', import.meta.url));
const to = fileURLToPath(new URL('../public/docs/', import.meta.url));
/** The `id` of a heading, as GitHub makes it, for links into a page. */
function idOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replace(/ /g, '-');
}

const markdown = new Marked({
  renderer: {
    heading: (text, level, raw) => `<h${level} id="${idOf(raw)}">${text}</h${level}>\n`,
  },
});

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${title} · tfjs-prune</title>
    <link rel="icon" href="data:," />
    <style>
      body { font: 16px/1.6 system-ui, sans-serif; margin: 0 auto; max-width: 46rem; padding: 1rem; }
      pre, table { overflow-x: auto; display: block; }
      pre { background: color-mix(in srgb, currentcolor 7%, transparent); border-radius: 8px; padding: 12px; }
      code { font-size: 0.875em; overflow-wrap: anywhere; }
      pre code { overflow-wrap: normal; }
      th, td { border-bottom: 1px solid color-mix(in srgb, currentcolor 20%, transparent); padding: 4px 8px; text-align: start; }
      img { background: #fff; max-width: 100%; }
    </style>
  </head>
  <body>
    <p><a href="../index.html">tfjs-prune</a> · <a href="README.html">Documentation</a></p>
    ${body}
  </body>
</html>
`;
}

rmSync(to, {recursive: true, force: true});
mkdirSync(to, {recursive: true});
for (const folder of ['pictures', 'drawings']) {
  cpSync(join(from, folder), join(to, folder), {recursive: true});
}
for (const name of readdirSync(from).filter((each) => each.endsWith('.md'))) {
  const text = readFileSync(join(from, name), 'utf8');
  const [, title = name] = /^# (.+)$/m.exec(text) ?? [];
  // Pages of this folder are pages of the site; what leads out of it is left to the text.
  const html = markdown.parse(text) as string;
  const body = html
    .replace(/(href="(?:\.\/)?[\w-]+)\.md(#[^"]*)?"/g, '$1.html$2"')
    .replace(/<a href="\.\.\/[^"]*">(.*?)<\/a>/gs, '$1');
  writeFileSync(join(to, name.replace(/\.md$/, '.html')), page(title, body));
}
