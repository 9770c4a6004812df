/** `npm run test:bundlers`: the packed package in the hands of other tools, which come from npm. */
export default {
  rootDir: '../..',
  roots: ['<rootDir>/test/consumers'],
  testRegex: '\\.consumers\\.ts$',
  transform: {
    '^.+\\.ts$': [
      'ts-jest',
      {tsconfig: {module: 'commonjs', isolatedModules: true, esModuleInterop: true}},
    ],
  },
  testTimeout: 600_000,
};
