import tseslint from 'typescript-eslint'

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/.cache/**',
      '.config/**',
      'node_modules/**',
      'bench/delay-proxy.mjs', // run by Node as it is
      'examples/deploy/build.mjs',
      'tests/originals/*/snippets/**', // compiled as users do, see the tsconfig.json beside them
      'examples/deploy/cdk/**', // not in the root tsconfig, see examples/deploy/tsconfig.json
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { project: './tsconfig.json', tsconfigRootDir: `${import.meta.dirname}/..` },
    },
    rules: {
      eqeqeq: 'error',
      'max-lines': ['error', { max: 320, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/only-throw-error': 'off',
    },
  },
  {
    files: ['src/**'],
    rules: {
      complexity: ['error', 15],
      'max-lines-per-function': ['error', 60],
      '@typescript-eslint/max-params': ['error', { max: 4 }],
    },
  },
  {
    files: ['tests/**', 'bench/**', 'examples/**'],
    rules: { '@typescript-eslint/require-await': 'off' },
  },
)
