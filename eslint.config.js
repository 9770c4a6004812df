import tseslint from 'typescript-eslint';

export default tseslint.config(
  {ignores: ['dist', 'out', 'coverage', '.cache', 'lib/kernels/assembly', '**/node_modules']},
  ...tseslint.configs.recommended,
  {
    rules: {
      eqeqeq: ['error', 'always', {null: 'ignore'}],
      '@typescript-eslint/no-unused-vars': ['error', {argsIgnorePattern: '^_'}],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-require-imports': 'off',
    },
  },
);
