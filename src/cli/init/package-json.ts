/** What an installed package may be called: by npm's rules for new packages, without the length. */
const NAME = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/
const MAX_NAME_CHARS = 214

/** They work together, and with Node 20. */
const DEV_DEPENDENCIES = {
  '@aws-sdk/client-secrets-manager': '^3.1162.0',
  '@types/node': '^20.19.43',
  esbuild: '^0.28.2',
  tsx: '^4.23.15',
  typescript: '^6.0.3',
}

/** Names that npm does not take, and names that the folder itself imports. */
const TAKEN = ['agentcore-x402', ...Object.keys(DEV_DEPENDENCIES), 'node_modules', 'favicon.ico']

/** @returns what is wrong with the name of a package, or `undefined`. @see https://docs.npmjs.com/cli/v11/configuring-npm/package-json#name */
export function problemOfName(name: string): string | undefined {
  if (name.length > MAX_NAME_CHARS) return `it has more than ${MAX_NAME_CHARS} characters`
  if (TAKEN.includes(name)) return 'another package has this name'
  if (NAME.test(name)) return undefined
  return 'expected lower-case letters, digits, "-", "." and "_", and a letter or digit first'
}

/** Makes the name of a package from that of a folder. */
export function nameFor(folder: string): string {
  const name = folder
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, MAX_NAME_CHARS)
  return problemOfName(name) === undefined ? name : 'paid-tools'
}

/**
 * The `package.json` of a seller.
 *
 * @param version what npm installs as agentcore-x402
 */
export function packageJson(name: string, version: string): string {
  const content = {
    name,
    private: true,
    type: 'module',
    'agentcore-x402': { handler: 'src/handler.ts' },
    engines: { node: '>=20' },
    scripts: {
      dev: 'agentcore-x402 local --watch',
      test: 'node --import tsx --test test/*.test.ts',
      check: 'tsc',
      build: 'node deploy/build.mjs',
      deploy: 'npm run build && sam deploy --guided --template-file deploy/template.yaml',
    },
    dependencies: { 'agentcore-x402': version },
    devDependencies: DEV_DEPENDENCIES,
    allowScripts: { esbuild: true },
  }
  return `${JSON.stringify(content, undefined, 2)}\n`
}
