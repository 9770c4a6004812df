/**
 * Runs the tests, or those named as arguments, on each Node that the package is for, and on the
 * newest tfjs of the peer range and a candidate for the next release, where these are others
 * than the lock file's, the oldest.
 */
import {execFileSync, spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';

const NODES = [20, 22, 24];
const {peerDependencies} = JSON.parse(readFileSync('package.json', 'utf8'));
const tests = process.argv.slice(2);

function run(what, command, args) {
  console.log(`\n== ${what}`);
  const {status} = spawnSync(command, args, {stdio: 'inherit'});
  console.log(`${what}: ${status === 0 ? 'passed' : 'failed'}`);
  process.exitCode ||= status === 0 ? 0 : 1;
}

/** The newest version of a package in a range: npm lists them from the oldest. */
function newest(name, range) {
  const view = ['view', `${name}@${range}`, 'version', '--json'];
  const found = JSON.parse(execFileSync('npm', view, {encoding: 'utf8'}));
  return Array.isArray(found) ? found.at(-1) : found;
}

for (const version of NODES) {
  const jest = ['node', 'node_modules/jest/bin/jest.js', ...tests];
  run(`Node ${version}`, 'npx', ['--yes', '--package', `node@${version}`, '--', ...jest]);
}

/** A package in a version before its release, newer than all that are released; or nothing. */
function candidate(name) {
  const versions = JSON.parse(
    execFileSync('npm', ['view', name, 'versions', '--json'], {encoding: 'utf8'}),
  );
  const last = versions.at(-1);
  return last.includes('-') ? last : undefined;
}

const CORE = '@tensorflow/tfjs-core';
const installed = JSON.parse(readFileSync(`node_modules/${CORE}/package.json`, 'utf8')).version;
const others = [newest(CORE, peerDependencies[CORE]), candidate(CORE)];
for (const version of new Set(others.filter((each) => each && each !== installed))) {
  const packages = ['core', 'layers', 'converter', 'backend-cpu', 'backend-wasm'];
  const install = packages.map((name) => `@tensorflow/tfjs-${name}@${version}`);
  // A candidate is in no peer range.
  run(`npm install of tfjs ${version}`, 'npm', ['install', '--no-save', '--force', ...install]);
  run(`tfjs ${version}`, 'npx', ['jest', ...tests]);
  console.log('npm ci brings back the versions of the lock file.');
}
