import {spawn} from 'node:child_process';
import {mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {dirname, join, resolve} from 'node:path';

const SCRIPT = resolve('scripts/setup_tensorflow.mjs');
const TFJS_NODE = 'node_modules/@tensorflow/tfjs-node';
const ADDON = 'lib/napi-v8/tfjs_binding.node';

/** A package that multiplies two given matrices, if the addon is there. */
const PACKAGE_CODE = `
  require('fs').readFileSync(__dirname + '/${ADDON}');
  exports.getBackend = () => 'tensorflow';
  exports.matMul = () => ({dataSync: () => [19, 22, 43, 50]});`;

/** Stand-ins for the tools: each does to the disk what the real one would. */
const STAND_INS = {
  npm: `
    if (process.argv[2] === 'view') {
      console.log(process.env.INSTALLER_HOST);
    } else {
      const folder = '${TFJS_NODE}/';
      put(folder + 'package.json', '{"version": "4.22.0"}');
      put(folder + 'index.js', ${JSON.stringify(PACKAGE_CODE)});
      put(folder + 'dist/nodejs_kernel_backend.js', '(0, util_1.isNullOrUndefined)(x)');
      put(folder + 'dist/kernels/TopK.js', '');
      put(folder + 'node_modules/@tensorflow/tfjs-core/package.json', '{"version": "4.22.0"}');
      put(folder + 'node_modules/@tensorflow/tfjs/package.json', '{"version": "4.22.0"}');
      put(folder + 'scripts/install.js', process.env.INSTALLER_CODE);
    }`,
  python3: `if (!process.argv.includes('--version')) put(after('--dest') + '/tensorflow.whl', '');`,
  unzip: `
    if (process.argv[2] !== '-v') {
      put(after('-d') + '/tensorflow/libtensorflow_cc.so.2', '');
      put(after('-d') + '/tensorflow/libtensorflow_framework.so.2', '');
    }`,
  'g++': `if (process.argv[2] !== '--version') put(after('-o'), '');`,
};

let folder: string;
let project: string;

function put(path: string, text: string) {
  const file = join(folder, path);
  mkdirSync(dirname(file), {recursive: true});
  writeFileSync(file, text, {mode: 0o755});
}

function putTools(tools: Record<string, string>) {
  for (const [name, code] of Object.entries(tools)) {
    put(
      `bin/${name}`,
      `#!${process.execPath}
      const {mkdirSync, writeFileSync} = require('fs');
      const put = (path, text) => {
        mkdirSync(require('path').dirname(path), {recursive: true});
        writeFileSync(path, text);
      };
      const after = (flag) => process.argv[process.argv.indexOf(flag) + 1];
      ${code}`,
    );
  }
}

function listFiles() {
  return (readdirSync(project, {recursive: true}) as string[]).sort();
}

async function runScript(args: string[] = [], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [SCRIPT, ...args], {
    cwd: project,
    env: {PATH: join(folder, 'bin'), INSTALLER_CODE: '', ...env},
  });
  let output = '';
  child.stdout.on('data', (text) => (output += text));
  child.stderr.on('data', (text) => (output += text));
  const code = await new Promise<number | null>((done) => child.on('close', done));
  return {code, output};
}

/** Runs the script while the installer's host answers. */
async function runScriptOnline(env: Record<string, string>) {
  const server = createServer((_, response) => response.end());
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  try {
    const {port} = server.address() as AddressInfo;
    return await runScript([], {...env, INSTALLER_HOST: `http://127.0.0.1:${port}`});
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'setup_tensorflow-'));
  project = join(folder, 'project');
  put('project/package.json', '{"name": "project"}');
  put('project/node_modules/@tensorflow/tfjs-core/package.json', '{"version": "4.22.0"}');
});

afterEach(() => {
  rmSync(folder, {recursive: true, force: true});
});

test('does nothing when the package works', async () => {
  put(`project/${TFJS_NODE}/index.js`, PACKAGE_CODE);
  put(`project/${TFJS_NODE}/${ADDON}`, '');
  const before = listFiles();
  expect(await runScript()).toEqual({
    code: 0,
    output: '@tensorflow/tfjs-node is there and works: nothing to do.\n',
  });
  expect(listFiles()).toEqual(before);
});

test('refuses an unknown option', async () => {
  const {code, output} = await runScript(['--cuda']);
  expect(code).toBe(1);
  expect(output).toMatch("Unknown option '--cuda'");
});

test('refuses a folder without package.json', async () => {
  rmSync(join(project, 'package.json'));
  const {code, output} = await runScript();
  expect(code).toBe(1);
  expect(output).toMatch('There is no package.json in ');
});

const describeOnLinux =
  process.platform === 'linux' && process.arch === 'x64' ? describe : describe.skip;

describeOnLinux('from a wheel', () => {
  test.each([
    ['python3', 'python3 with pip'],
    ['g++', 'g++'],
    ['unzip', 'unzip'],
  ])('names %s when it is missing and changes nothing', async (tool, name) => {
    putTools(STAND_INS);
    rmSync(join(folder, 'bin', tool));
    const before = listFiles();
    expect(await runScript(['--from-wheel'])).toEqual({
      code: 1,
      output: `${name} was not found: building from a TensorFlow wheel needs it.\n`,
    });
    expect(listFiles()).toEqual(before);
  });

  test('adds the package alone, once it works', async () => {
    putTools(STAND_INS);
    const before = listFiles();
    expect((await runScript(['--from-wheel'])).code).toBe(0);
    const added = listFiles().filter((file) => !before.includes(file));
    expect(added.filter((file) => !file.startsWith(TFJS_NODE))).toEqual(['node_modules/.cache']);
    expect(added).toContain(`${TFJS_NODE}/${ADDON}`);
    expect(added).toContain(`${TFJS_NODE}/deps/lib/libtensorflow.so`);
    expect(readFileSync(join(project, 'package.json'), 'utf8')).toBe('{"name": "project"}');
    expect((await runScript()).output).toMatch('nothing to do');
  });

  test('leaves out the tfjs packages that the project has', async () => {
    putTools(STAND_INS);
    await runScript(['--from-wheel']);
    expect(readdirSync(join(project, TFJS_NODE, 'node_modules/@tensorflow'))).toEqual(['tfjs']);
  });

  test('tells of a tfjs package in another version and keeps both', async () => {
    putTools(STAND_INS);
    put('project/node_modules/@tensorflow/tfjs-core/package.json', '{"version": "4.21.0"}');
    const {output} = await runScript(['--from-wheel']);
    expect(output).toMatch('has @tensorflow/tfjs-core 4.21.0 and tfjs-node needs 4.22.0');
    expect(readdirSync(join(project, TFJS_NODE, 'node_modules/@tensorflow'))).toEqual([
      'tfjs',
      'tfjs-core',
    ]);
  });

  test('does without what Node 23 removed', async () => {
    putTools(STAND_INS);
    await runScript(['--from-wheel']);
    const code = readFileSync(join(project, TFJS_NODE, 'dist/nodejs_kernel_backend.js'), 'utf8');
    expect(code).toBe('((value) => value == null)(x)');
  });

  test.each([
    ['npm', 'npm failed: no space left'],
    ['g++', 'g\\+\\+ failed: no space left'],
    ['unzip', 'unzip failed: no space left'],
  ])('leaves nothing behind when %s fails half way', async (tool, message) => {
    const failing = `
      if (!['-v', '--version'].includes(process.argv[2])) {
        console.error('no space left');
        process.exit(1);
      }`;
    putTools({...STAND_INS, [tool]: failing});
    const before = listFiles();
    const {code, output} = await runScript(['--from-wheel']);
    expect(code).toBe(1);
    expect(output).toMatch(new RegExp(message));
    expect(listFiles().filter((file) => file !== 'node_modules/.cache')).toEqual(before);
  });

  test('does not hand over an addon that does not work', async () => {
    putTools({...STAND_INS, 'g++': ''});
    const before = listFiles();
    const {code, output} = await runScript(['--from-wheel']);
    expect(code).toBe(1);
    expect(output).toMatch('The addon was built but does not work');
    expect(listFiles().filter((file) => file !== 'node_modules/.cache')).toEqual(before);
  });

  test('is the way taken when the host of the installer is not reached', async () => {
    putTools(STAND_INS);
    const {code, output} = await runScript([], {INSTALLER_HOST: 'http://127.0.0.1:1'});
    expect(code).toBe(0);
    expect(output).toMatch('The host of its installer is not reached');
  });

  test('is the way taken when the installer fails', async () => {
    putTools(STAND_INS);
    const {code, output} = await runScriptOnline({INSTALLER_CODE: 'process.exit(1)'});
    expect(code).toBe(0);
    expect(output).toMatch('The installer failed: building from a TensorFlow wheel instead.');
  });
});

test('uses the installer when its host answers', async () => {
  putTools({npm: STAND_INS.npm});
  const installer = `
    require('fs').mkdirSync('lib/napi-v8', {recursive: true});
    require('fs').writeFileSync('${ADDON}', '');`;
  const {code, output} = await runScriptOnline({INSTALLER_CODE: installer});
  expect(code).toBe(0);
  expect(output).not.toMatch('wheel');
});
