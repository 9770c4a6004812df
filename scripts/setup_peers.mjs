/**
 * Makes the Python environment in which the benchmarks run the libraries that
 * this one is compared with, in `.cache/peers`: TFMOT with its TensorFlow, and
 * with `--torch` torch and Torch-Pruning. A benchmark leaves out a peer that it
 * does not find there, and says so.
 */
import {spawnSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {parseArgs} from 'node:util';

/** A Python for which that TensorFlow has wheels. */
const PYTHON = process.env.PYTHON ?? 'python3.11';
const TFMOT = {
  module: 'tensorflow_model_optimization',
  packages: [
    'tensorflow-cpu==2.15.1',
    'tf-keras==2.15.1',
    'tensorflow-model-optimization==0.8.0',
    'numpy==1.26.4',
  ],
};
const TORCH = {
  module: 'torch_pruning',
  packages: ['torch==2.10.0', 'torch-pruning==1.6.1', 'numpy==1.26.4'],
};

const folder = join('.cache', 'peers');
const python = join(folder, 'bin', 'python');

/** Runs a command to its end and says whether it succeeded. */
function succeeds(command, args, stdio = 'inherit') {
  const {error, status} = spawnSync(command, args, {stdio});
  return !error && status === 0;
}

/** Whether the peer is installed and works once this returns. */
function setUp({module, packages}) {
  if (succeeds(python, ['-c', `import ${module}`], 'ignore')) {
    console.log(`${module} is in ${folder} and works: nothing to do.`);
    return true;
  }
  console.log(`Installing ${packages.join(', ')} in ${folder}.`);
  return (
    succeeds(python, ['-m', 'pip', 'install', '--quiet', ...packages]) &&
    succeeds(python, ['-c', `import ${module}`])
  );
}

const {values} = parseArgs({options: {torch: {type: 'boolean', default: false}}});
if (!existsSync('package.json')) {
  console.error('There is no package.json here: run npm run bench:peers in the project.');
  process.exitCode = 1;
} else if (
  (existsSync(python) || succeeds(PYTHON, ['-m', 'venv', folder])) &&
  setUp(TFMOT) &&
  (!values.torch || setUp(TORCH))
) {
  if (!values.torch) {
    console.log(
      'torch and Torch-Pruning are left out: on Linux they bring 7 GB, most of it CUDA. ' +
        'npm run bench:peers -- --torch installs them.',
    );
  }
} else {
  console.error(
    'The peers could not be installed. They need Python 3.11 with venv and pip: ' +
      `PYTHON=path npm run bench:peers takes another than ${PYTHON}.`,
  );
  process.exitCode = 1;
}
