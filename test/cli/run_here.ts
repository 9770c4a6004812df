import {runProgram} from '../../lib/cli/program';

/** What a command leaves. */
export interface Outcome {
  status: number;
  stdout: string;
  /** Lines on stderr. */
  errors: string[];
}

/** Runs a command in this process, which is faster than a process of its own. */
export async function runHere(...args: string[]): Promise<Outcome> {
  const printed: Record<'stdout' | 'stderr', string[]> = {stdout: [], stderr: []};
  const {log, error, warn} = console;
  const write = process.stderr.write.bind(process.stderr);
  console.log = (...words) => printed.stdout.push(`${words.join(' ')}\n`);
  console.error = (...words) => printed.stderr.push(`${words.join(' ')}\n`);
  console.warn = () => {};
  process.stderr.write = (text) => printed.stderr.push(String(text)) > 0;
  try {
    const status = await runProgram(args, '0.0.0');
    const errors = printed.stderr.join('').split('\n').filter(Boolean);
    return {status, stdout: printed.stdout.join(''), errors};
  } finally {
    Object.assign(console, {log, error, warn});
    process.stderr.write = write;
  }
}
