import {spawn, type ChildProcess} from 'node:child_process';
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {createInterface} from 'node:readline';

const PYTHON = join('.cache', 'peers', 'bin', 'python');

/**
 * A library in the Python environment of `npm run bench:peers`, served by the
 * script of its name in this folder, which says what it can be asked.
 */
export class Peer {
  readonly versions: Record<string, string> = {};
  private readonly lines: AsyncIterator<string>;

  private constructor(
    private readonly name: string,
    private readonly server: ChildProcess,
  ) {
    this.lines = createInterface({input: server.stdout!})[Symbol.asyncIterator]();
    // A server that ended takes no request: that no answer comes says so.
    server.stdin!.on('error', () => {});
  }

  /** Starts it, or returns null, with a message, where it is not installed. */
  static async start(name: 'pytorch' | 'tfmot'): Promise<Peer | null> {
    if (existsSync(PYTHON)) {
      const peer = new Peer(
        name,
        spawn(PYTHON, [join('bench', 'peers', `${name}.py`)], {
          stdio: ['pipe', 'pipe', process.env.DEBUG ? 'inherit' : 'ignore'],
        }),
      );
      try {
        Object.assign(peer.versions, await peer.ask({op: 'versions'}));
        return peer;
      } catch (error) {
        console.log((error as Error).message);
      }
    }
    const command = `npm run bench:peers${name === 'pytorch' ? ' -- --torch' : ''}`;
    console.log(`${name}: not run. ${command} installs it.`);
    return null;
  }

  async ask<T>(request: {op: string} & Record<string, unknown>): Promise<T> {
    this.server.stdin!.write(`${JSON.stringify(request)}\n`);
    const {value, done} = await this.lines.next();
    if (done) {
      throw new Error(`${this.name} ended at ${request.op}: DEBUG=1 shows what it said.`);
    }
    return JSON.parse(value) as T;
  }

  stop(): void {
    this.server.stdin!.end();
  }
}
