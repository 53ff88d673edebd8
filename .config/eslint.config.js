import tseslint from 'typescript-eslint'
import prose from './prose/plugin.mjs'

/** Not in the root tsconfig.json, so no rule may ask for types. */
export const WITHOUT_TYPES = [
  '.config/**/*.{js,mjs,cjs}',
  'bench/delay-proxy.mjs', // run by Node as it is
  'examples/deploy/build.mjs',
  'examples/deploy/cdk/**', // see examples/deploy/tsconfig.json
  'src/cli/init/template/deploy/**', // compiled by tests/cli/init.test.ts, where its packages are installed
]

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/.cache/**',
      'node_modules/**',
      'tests/originals/*/snippets/**', // compiled as users do, see the tsconfig.json beside them
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './src/page/tsconfig.json'],
        tsconfigRootDir: `${import.meta.dirname}/..`,
      },
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
    plugins: { prose },
    rules: { 'prose/comments': 'error' },
  },
  { files: ['**/*.md'], processor: 'prose/pages' },
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
  {
    // Node's own test() gives a promise that nobody has to wait for.
    files: ['src/cli/init/template/test/**'],
    rules: { '@typescript-eslint/no-floating-promises': 'off' },
  },
  { ...tseslint.configs.disableTypeChecked, files: WITHOUT_TYPES },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
)
