import tseslint from 'typescript-eslint';

import {BRITISH} from './scripts/prose/spelling.cjs';

const american = {message: 'Spell it the American way.'};

export default tseslint.config(
  {ignores: ['dist', 'out', 'coverage', '.cache', 'lib/kernels/assembly', '**/node_modules']},
  ...tseslint.configs.recommended,
  {
    rules: {
      eqeqeq: ['error', 'always', {null: 'ignore'}],
      '@typescript-eslint/no-unused-vars': ['error', {argsIgnorePattern: '^_'}],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-require-imports': 'off',
      'no-restricted-syntax': [
        'error',
        {selector: `Identifier[name=/${BRITISH}/i]`, ...american},
        {selector: `Literal[value=/${BRITISH}/i]`, ...american},
        {selector: `TemplateElement[value.raw=/${BRITISH}/i]`, ...american},
      ],
    },
  },
  // What needs types takes a minute of a processor over these; over bench and test, another two.
  {
    files: ['lib/**/*.ts', 'examples/**/*.ts'],
    extends: tseslint.configs.recommendedTypeCheckedOnly,
    languageOptions: {
      parserOptions: {project: 'tsconfig.lint.json', tsconfigRootDir: import.meta.dirname},
    },
    rules: {
      // The handles of tfjs are asynchronous, and what throws in one has to reject.
      '@typescript-eslint/require-await': 'off',
      // Methods of what a user gives are taken out only to see whether they are there.
      '@typescript-eslint/unbound-method': 'off',
      // What a client of a server threw is thrown on as it is.
      '@typescript-eslint/only-throw-error': ['error', {allowThrowingUnknown: true}],
      // Bytes of a file are held against the names of what they mean.
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      // Text of what a file or a user gave, for messages and digests.
      '@typescript-eslint/no-base-to-string': 'off',
      // Messages have shapes and tables in them.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        {allowArray: true, allow: [{from: 'package', package: 'cli-table3', name: 'Table'}]},
      ],
    },
  },
  // The words themselves.
  {files: ['scripts/prose/spelling.cjs'], rules: {'no-restricted-syntax': 'off'}},
);
