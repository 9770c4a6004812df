import {spawn} from 'node:child_process';
import {createRequire} from 'node:module';
import {createServer, type AddressInfo} from 'node:net';
import {dirname, join} from 'node:path';

export interface Server {
  /** Ends in a slash. */
  url: string;
  stop(): void;
}

/** Serves the page that `vite build` has made from `folder`, examples/browser. */
export async function serve(folder: string): Promise<Server> {
  const port = await freePort();
  const vite = join(
    dirname(createRequire(join(folder, 'package.json')).resolve('vite/package.json')),
    'bin/vite.js',
  );
  const args = ['preview', '--host', '127.0.0.1', '--port', String(port), '--strictPort'];
  const server = spawn(process.execPath, [vite, ...args], {
    cwd: folder,
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
