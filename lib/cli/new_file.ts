import {stat} from 'node:fs/promises';

import {check} from '../base/check';
import {localPath} from '../files/node/local_path';

/** Throws where the file that `option` names is there, unless it may be replaced. */
export async function checkNewFile(option: string, file: string, force = false): Promise<void> {
  const isThere = await stat(localPath(file)).then(
    () => true,
    () => false,
  );
  check(force || !isThere, option, 'a new file, or --force to replace it', file);
}
