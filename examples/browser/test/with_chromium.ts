import {resolve} from 'node:path';

import {chromiumPath} from './chromium';

/** Where tests leave a picture of each view. */
export const SCREENSHOTS = resolve(__dirname, '../../../out/browser/views');

const isThere = chromiumPath !== undefined;
if (!isThere) {
  const message = 'There is no Chromium: apt-get install chromium, or set CHROME_PATH';
  if (process.env.CI) {
    throw new Error(`${message}.`);
  }
  console.warn(`${message}. What needs it is not tested.`);
}

/** `describe`, of what needs Chromium: skipped without one, but for CI, where that is a failure. */
export const withChromium = isThere ? describe : describe.skip;
