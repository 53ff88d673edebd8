// TypeScript to ESM for Jest; ts-jest would type-check what `npm run typecheck` already has.
const { transformSync } = require('esbuild')

module.exports = {
  process(source, file) {
    return transformSync(source, {
      sourcefile: file,
      loader: 'ts',
      format: 'esm',
      target: 'es2022',
      sourcemap: 'inline',
      supported: { decorators: false },
    })
  },
}
