/** Writes the fields of package.json that say what can be imported. */
import {readFileSync, writeFileSync} from 'node:fs';

import {FIELDS} from './exports';

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as object;
writeFileSync('package.json', `${JSON.stringify({...manifest, ...FIELDS}, null, 2)}\n`);
