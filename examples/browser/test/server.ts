import {spawn} from 'node:child_process';
import {createServer, type AddressInfo} from 'node:net';
import {dirname, join, resolve} from 'node:path';

export interface Server {
  /** Ends in a slash. */
  url: string;
  stop(): void;
}

/** Serves the page that `vite build` has made. */
export async function serve(): Promise<Server> {
  const port = await freePort();
  const vite = join(dirname(require.resolve('vite/package.json')), 'bin/vite.js');
  const args = ['preview', '--host', '127.0.0.1', '--port', String(port), '--strictPort'];
  const server = spawn(process.execPath, [vite, ...args], {
    cwd: resolve(__dirname, '..'),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}/`;
  for (;;) {
    if (server.exitCode !== null) {
      throw new Error(`vite preview ended with ${server.exitCode}. Was the page built?`);
    }
    if (
      await fetch(url).then(
        ({ok}) => ok,
        () => false,
      )
    ) {
      return {url, stop: () => void server.kill()};
    }
    await new Promise((again) => setTimeout(again, 100));
  }
}

function freePort(): Promise<number> {
  const probe = createServer();
  return new Promise((done, fail) => {
    probe.once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const {port} = probe.address() as AddressInfo;
      probe.close(() => done(port));
    });
  });
}
