/**
 * Gives the project in the current folder a working `@tensorflow/tfjs-node`, or with `--gpu` a
 * `@tensorflow/tfjs-node-gpu`. It is made beside `node_modules` and moved there once it works.
 * See docs/tensorflow_from_a_wheel.md.
 */
import {spawnSync} from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {createRequire} from 'node:module';
import {delimiter, dirname, join} from 'node:path';
import {parseArgs} from 'node:util';

const TFJS_VERSION = '4.22.0';
const TENSORFLOW_VERSION = '2.15.1';
const HEADERS_VERSION = '1.9.0';
/** A Python for which that TensorFlow has wheels: not the one which downloads them. */
const WHEEL_PYTHON = '3.11';
const HOST_LIMIT_MS = 5_000;
const CHECK_LIMIT_MS = 120_000;
const INSTALLER_LIMIT_MS = 600_000;

const WHEELS = {
  cpu: {packageName: '@tensorflow/tfjs-node', wheel: 'tensorflow-cpu', size: '207 MB'},
  gpu: {packageName: '@tensorflow/tfjs-node-gpu', wheel: 'tensorflow', size: '475 MB'},
};

const project = process.cwd();
const workshop = join(project, 'node_modules', '.cache', 'setup_tensorflow');

/** Runs a command to its end and returns what it printed. */
function run(command, args, options = {}) {
  const {error, status, signal, stdout, stderr} = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  if (error || status !== 0) {
    const output = (stderr || stdout || '').trim().split('\n').slice(-15).join('\n');
    const reason = error?.message ?? (output || `it ended with ${signal ?? status}`);
    throw new Error(`${command} failed: ${reason}`);
  }
  return stdout;
}

function runNpm(args, cwd) {
  return run('npm', args, {cwd, shell: process.platform === 'win32'});
}

function readVersion(packageJson) {
  return JSON.parse(readFileSync(packageJson, 'utf8')).version;
}

/** Why the package does not work when it is required in a process of its own, or null if it does. */
function findProblem(specifier) {
  const check = `
    const tf = require(process.argv[1]);
    const product = String(tf.matMul([[1, 2], [3, 4]], [[5, 6], [7, 8]]).dataSync());
    if (tf.getBackend() !== 'tensorflow') throw new Error('its backend is ' + tf.getBackend());
    if (product !== '19,22,43,50') throw new Error('matMul gave ' + product);`;
  try {
    run(process.execPath, ['--input-type=commonjs', '-e', check, specifier], {
      cwd: project,
      timeout: CHECK_LIMIT_MS,
    });
    return null;
  } catch (error) {
    return error.message;
  }
}

function checkTools() {
  const tools = [
    ['python3 with pip', 'python3', ['-m', 'pip', '--version']],
    ['g++', 'g++', ['--version']],
    ['unzip', 'unzip', ['-v']],
  ];
  for (const [name, command, args] of tools) {
    if (spawnSync(command, args).status !== 0) {
      throw new Error(`${name} was not found: building from a TensorFlow wheel needs it.`);
    }
  }
}

function emptyWorkshop() {
  rmSync(workshop, {recursive: true, force: true});
}

/** Installs the package with all that it depends on, but no addon, in the workshop. */
function preparePackage(packageName) {
  console.log(`Installing ${packageName} ${TFJS_VERSION} without its addon.`);
  emptyWorkshop();
  mkdirSync(workshop, {recursive: true});
  writeFileSync(join(workshop, 'package.json'), '{"private": true}\n');
  if (existsSync(join(project, '.npmrc'))) {
    copyFileSync(join(project, '.npmrc'), join(workshop, '.npmrc'));
  }
  // 'shallow' puts the dependencies inside the package's own folder: one rename moves it all.
  runNpm(
    [
      'install',
      '--install-strategy=shallow',
      '--ignore-scripts',
      `${packageName}@${TFJS_VERSION}`,
      `node-api-headers@${HEADERS_VERSION}`,
    ],
    workshop,
  );
  const folder = join(workshop, 'node_modules', packageName);
  shareTfjs(folder);
  replaceRemovedUtil(folder);
  return folder;
}

/** Leaves out each tfjs package that the project has in the same version: one copy serves both. */
function shareTfjs(folder) {
  const {resolve} = createRequire(join(project, 'package.json'));
  const scope = join(folder, 'node_modules', '@tensorflow');
  for (const name of readdirSync(scope)) {
    const version = readVersion(join(scope, name, 'package.json'));
    let projectVersion;
    try {
      projectVersion = readVersion(resolve(`@tensorflow/${name}/package.json`));
    } catch {
      continue;
    }
    if (projectVersion === version) {
      rmSync(join(scope, name), {recursive: true});
    } else {
      console.log(
        `The project has @tensorflow/${name} ${projectVersion} and tfjs-node needs ${version}: ` +
          `two copies will be loaded. Install ${version} in the project to share one.`,
      );
    }
  }
}

/** Node 23 removed `util.isNullOrUndefined`, which tfjs-node 4.22 calls in nearly every kernel. */
function replaceRemovedUtil(folder) {
  for (const file of ['nodejs_kernel_backend.js', 'kernels/TopK.js']) {
    const path = join(folder, 'dist', file);
    const code = readFileSync(path, 'utf8');
    writeFileSync(
      path,
      code.replaceAll('(0, util_1.isNullOrUndefined)', '((value) => value == null)'),
    );
  }
}

/** Whether the host from which the package's installer downloads gives any answer. */
async function installerHostAnswers(packageName) {
  const host = runNpm(['view', `${packageName}@${TFJS_VERSION}`, 'binary.host'], project).trim();
  try {
    await fetch(host, {method: 'HEAD', signal: AbortSignal.timeout(HOST_LIMIT_MS)});
    return true;
  } catch {
    return false;
  }
}

/** Lets the package download its prebuilt addon. Returns its folder, or null if that failed. */
function buildWithInstaller({packageName}) {
  const folder = preparePackage(packageName);
  console.log(`Running the installer of ${packageName}.`);
  try {
    const commands = join(folder, 'node_modules', '.bin');
    run(process.execPath, ['scripts/install.js'], {
      cwd: folder,
      env: {...process.env, PATH: commands + delimiter + process.env.PATH},
      timeout: INSTALLER_LIMIT_MS,
    });
  } catch (error) {
    console.log(error.message);
  }
  return findProblem(folder) === null ? folder : null;
}

/** Builds the addon against the libtensorflow in a TensorFlow wheel. Returns its folder. */
function buildFromWheel({packageName, wheel, size}) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    const here = `${process.platform} ${process.arch}`;
    throw new Error(`Building from a TensorFlow wheel works on linux x64 only: this is ${here}.`);
  }
  checkTools();
  const folder = preparePackage(packageName);

  console.log(`Downloading the wheel ${wheel} ${TENSORFLOW_VERSION} (${size}).`);
  const wheelFolder = join(workshop, 'wheel');
  run('python3', [
    ...['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:'],
    ...['--python-version', WHEEL_PYTHON, '--dest', wheelFolder],
    `${wheel}==${TENSORFLOW_VERSION}`,
  ]);
  const [wheelFile] = readdirSync(wheelFolder);
  run('unzip', [
    ...['-q', join(wheelFolder, wheelFile)],
    'tensorflow/libtensorflow_cc.so.2',
    'tensorflow/libtensorflow_framework.so.2',
    'tensorflow/include/tensorflow/c/*',
    'tensorflow/include/tensorflow/core/platform/*',
    'tensorflow/include/tsl/*',
    ...['-d', workshop],
  ]);

  console.log('Building the addon with g++.');
  const tensorflow = join(workshop, 'tensorflow');
  const libraries = join(folder, 'deps', 'lib');
  mkdirSync(libraries, {recursive: true});
  for (const [file, link] of [
    ['libtensorflow_cc.so.2', 'libtensorflow.so'],
    ['libtensorflow_framework.so.2', 'libtensorflow_framework.so'],
  ]) {
    renameSync(join(tensorflow, file), join(libraries, file));
    symlinkSync(file, join(libraries, link));
  }
  const addon = join(folder, 'lib', 'napi-v8', 'tfjs_binding.node');
  mkdirSync(dirname(addon), {recursive: true});
  run('g++', [
    ...['-std=c++17', '-O2', '-shared', '-fPIC', '-DNAPI_VERSION=8'],
    `-I${join(workshop, 'node_modules', 'node-api-headers', 'include')}`,
    `-I${join(tensorflow, 'include')}`,
    join(folder, 'binding', 'tfjs_backend.cc'),
    join(folder, 'binding', 'tfjs_binding.cc'),
    ...[`-L${libraries}`, '-ltensorflow', '-ltensorflow_framework'],
    '-Wl,-rpath,$ORIGIN/../../deps/lib',
    ...['-o', addon],
  ]);
  const problem = findProblem(folder);
  if (problem !== null) {
    throw new Error(`The addon was built but does not work: ${problem}`);
  }
  return folder;
}

/** Builds in the way that the network and the arguments allow. Returns the folder. */
async function build(target, {gpu, fromWheel}) {
  // The installer's own CUDA 11.2 build is too old for current cards.
  if (!gpu && !fromWheel) {
    if (await installerHostAnswers(target.packageName)) {
      const folder = buildWithInstaller(target);
      if (folder !== null) {
        return folder;
      }
      console.log('The installer failed: building from a TensorFlow wheel instead.');
    } else {
      console.log('The host of its installer is not reached: building from a TensorFlow wheel.');
    }
  }
  return buildFromWheel(target);
}

async function main() {
  const {values} = parseArgs({
    options: {
      gpu: {type: 'boolean', default: false},
      'from-wheel': {type: 'boolean', default: false},
    },
  });
  if (!existsSync(join(project, 'package.json'))) {
    throw new Error(`There is no package.json in ${project}: run this in a project's folder.`);
  }
  const target = values.gpu ? WHEELS.gpu : WHEELS.cpu;
  if (findProblem(target.packageName) === null) {
    console.log(`${target.packageName} is there and works: nothing to do.`);
    return;
  }
  try {
    const folder = await build(target, {gpu: values.gpu, fromWheel: values['from-wheel']});
    const destination = join(project, 'node_modules', target.packageName);
    mkdirSync(dirname(destination), {recursive: true});
    rmSync(destination, {recursive: true, force: true});
    renameSync(folder, destination);
  } finally {
    emptyWorkshop();
  }
  console.log(
    `${target.packageName} ${TFJS_VERSION} is in node_modules and works. package.json and the ` +
      'lock file do not name it: the next npm install or npm ci removes it.',
  );
}

// Ctrl-C ends the command under way first: its failure cleans up before this is called.
process.on('SIGINT', () => process.exit(130));
main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
