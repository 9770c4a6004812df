import base from '../../jest.config.js';

/** `npm run test:models`: models that no one here has written, some of them from npm. */
export default {
  ...base,
  rootDir: '../..',
  roots: ['<rootDir>/test/models'],
  testRegex: '\\.models\\.ts$',
  testTimeout: 600_000,
};
