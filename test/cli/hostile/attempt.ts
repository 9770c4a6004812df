import {existsSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';

import {Journal} from '../../../lib/auto/journal';
import {PruningError} from '../../../lib/base/errors';
import {Random} from '../../shrink/random';
import {runHere} from '../run_here';
import {mutateBytes, mutateJSON, mutatePacked} from './mutate';
import {copyFolder, type Originals} from './originals';

/** What came of a command that was given a damaged file. */
export interface Attempt {
  command: string;
  status: number;
  /** What is wrong with how it ended, if anything. */
  fault?: string;
  /** The line of an error that is not the user's. */
  unforeseen?: string;
  /** Bytes of the files that it was given. */
  fileBytes: number;
}

/**
 * Damages a file by `seed`, and gives it to a command.
 *
 * @param onReady Called in between.
 */
export async function attempt(
  originals: Originals,
  folder: string,
  seed: number,
  onReady = () => {},
): Promise<Attempt> {
  const random = new Random(seed);
  if (random.chance(0.05)) {
    return journal(random);
  }
  const {args, files} = prepare(originals, folder, random);
  const out = join(folder, 'out');
  onReady();
  const {status, stdout, errors} = await runHere(...args);
  const isWritten = existsSync(out) && readdirSync(folder).some((name) => /^out/.test(name));
  [out, `${out}.tfpack`].forEach((path) => rmSync(path, {recursive: true, force: true}));
  const fault =
    faultOf(status, stdout, errors) ?? (status !== 0 && isWritten ? 'wrote' : undefined);
  const unforeseen = status === 1 ? errors[0] : undefined;
  return {
    command: args[0],
    status,
    fault,
    unforeseen,
    fileBytes: files.reduce((sum, size) => sum + size, 0),
  };
}

function faultOf(status: number, stdout: string, errors: readonly string[]): string | undefined {
  if (status === 0) {
    return errors.length > 0 ? `done, and says ${errors.join('|')}` : undefined;
  }
  const [line] = errors;
  const isOne = errors.length === 1 && line.startsWith('error: ') && line.length < 1100;
  const isClean = !/\n?\s+at .*:\d+:\d+/.test(stdout + errors.join('\n'));
  return isOne && isClean ? undefined : `not one line: ${errors.join('|').slice(0, 2000)}`;
}

/** The words of a command, one of whose files is damaged. */
function prepare(originals: Originals, folder: string, random: Random) {
  const files: number[] = [];
  const write = (name: string, bytes: Uint8Array | string) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    files.push(bytes.length);
    return path;
  };
  const model = () => {
    if (random.chance(0.35)) {
      const bytes = readFileSync(random.pick(originals.packed));
      return write('damaged.tfpack', mutatePacked(bytes, random));
    }
    return damagedFolder(random.pick(originals.folders), join(folder, 'damaged'), random, files);
  };
  const whole = () => random.pick([...originals.folders, ...originals.packed]);
  const out = ['--force', '-o', join(folder, random.pick(['out', 'out.tfpack']))];
  const share = () => random.pick(['0.5', '0.9', '0.1']);
  const some = (...words: string[]) => (random.chance(0.3) ? words : []);
  if (random.chance(0.05)) {
    const [cnn] = originals.folders;
    const recipe = write(
      'recipe.json',
      mutateRecipe(readFileSync(originals.recipe, 'utf8'), random),
    );
    const trained = random.chance(0.5) ? cnn : model();
    const train = ['train', recipe, '--model', trained, '--data', originals.dataModule];
    return {files, args: [...train, '--backend', 'wasm', ...out]};
  }
  switch (random.integer(0, 7)) {
    case 0:
      return {files, args: ['inspect', model(), ...some('--json')]};
    case 1: {
      const scope = some('--scope', random.pick(['global', 'erk', 'layer']));
      const structure = some('--structure', random.pick(['2:4', '4x1']));
      return {
        files,
        args: ['prune', model(), '--sparsity', share(), ...scope, ...structure, ...out],
      };
    }
    case 2: {
      const channels = some('--channels', share());
      const importance = some('--importance', random.pick(['l1', 'fpgm', 'gamma', 'groupL2']));
      return {
        files,
        args: [
          'shrink',
          model(),
          ...channels,
          ...some('--neurons', share()),
          ...importance,
          ...out,
        ],
      };
    }
    case 3: {
      const how = random.pick([
        ['--quantize', 'uint8'],
        ['--quantize', 'float16'],
        ['--clusters', '4'],
        [],
      ]);
      return {files, args: ['compress', model(), ...how, ...some('--precompress', 'gzip'), ...out]};
    }
    case 4:
      return {files, args: ['decompress', model(), ...out]};
    case 5: {
      const data = random.pick(originals.data);
      const path = write(`data ${basename(data)}`, mutateBytes(readFileSync(data), random));
      const [cnn] = originals.folders;
      return {
        files,
        args: ['compare', cnn, cnn, '--data', path, '--rounds', '1', '--examples', '4'],
      };
    }
    default: {
      const pair = random.chance(0.5) ? [model(), whole()] : [whole(), model()];
      return {files, args: ['compare', ...pair, '--rounds', '1', '--examples', '4']};
    }
  }
}

/** A recipe may ask for any number of epochs, which would be trained. */
function mutateRecipe(text: string, random: Random): string {
  return mutateJSON(text, random).replace(/("epochs":)\s*\d[\d.e+]*/g, '$11');
}

function damagedFolder(from: string, to: string, random: Random, files: number[]): string {
  rmSync(to, {recursive: true, force: true});
  const names = readdirSync(from);
  copyFolder(from, to, names);
  const name = random.chance(0.75) ? 'model.json' : random.pick(names);
  const path = join(to, name);
  const bytes = readFileSync(path);
  const isJSON = name.endsWith('.json');
  writeFileSync(path, isJSON ? mutateJSON(bytes.toString(), random) : mutateBytes(bytes, random));
  names.forEach((each) => files.push(readFileSync(join(to, each)).length));
  return to;
}

const GROUND = {model: 'm', settings: {layers: ['a']}};
const JOURNAL = JSON.stringify({
  version: 2,
  ...GROUND,
  start: {
    baseline: 1,
    samples: 1,
    seconds: 1,
    sensitivity: {
      baseline: 1,
      layers: [{name: 'a', size: 1, points: [{sparsity: 0.5, metric: 1}]}],
    },
  },
  entries: [
    {
      candidate: {sparsity: 0.5, epochs: 1},
      outcome: {metric: 1, drop: 0, sparsity: 0.5, parameters: 1},
      seconds: 1,
    },
  ],
});

async function journal(random: Random): Promise<Attempt> {
  const text = mutateJSON(JOURNAL, random);
  const result = {command: 'journal', fileBytes: text.length};
  try {
    await Journal.open({read: () => text, write: () => {}}, async () => GROUND);
    return {...result, status: 0};
  } catch (error) {
    const isMine = error instanceof PruningError;
    return {...result, status: 2, fault: isMine ? undefined : String((error as Error).stack)};
  }
}
