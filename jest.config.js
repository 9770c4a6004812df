export default {
  testEnvironment: '<rootDir>/test/setup/environment.cjs',
  roots: ['<rootDir>/test'],
  setupFilesAfterEnv: ['<rootDir>/test/setup/backend.ts'],
  transform: {
    '^.+\\.ts$': [
      'ts-jest',
      {
        tsconfig: {
          module: 'commonjs',
          moduleResolution: 'node10',
          isolatedModules: true,
          esModuleInterop: true,
          target: 'ES2022',
        },
      },
    ],
  },
  // On a machine that is busy with other things, seconds become minutes.
  testTimeout: 300_000,
};
