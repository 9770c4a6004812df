import {mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';

import type {Browser} from 'playwright-core';

import {launch} from './chromium';
import {serve, type Server} from './server';
import {SCREENSHOTS} from './with_chromium';

/** What tests visit the page with; there from their first hook on. */
export interface Stage {
  server: Server;
  browser: Browser;
  /** For files that are dropped and downloaded. */
  folder: string;
}

/** Serves the page and starts a browser before the tests around, and ends both after them. */
export function setStage(): Stage {
  const stage = {} as Stage;
  beforeAll(async () => {
    mkdirSync(SCREENSHOTS, {recursive: true});
    stage.folder = mkdtempSync(join(tmpdir(), 'tfjs-prune-page-'));
    stage.server = await serve(resolve(__dirname, '..'));
    stage.browser = await launch();
  });
  afterAll(async () => {
    await stage.browser?.close();
    stage.server?.stop();
    rmSync(stage.folder, {recursive: true, force: true});
  });
  return stage;
}
