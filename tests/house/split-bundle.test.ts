import path from 'node:path'
import { writeFile } from 'node:fs/promises'
import { build } from 'esbuild'
import { expect, test } from '@jest/globals'
import { run } from '../support/built.js'
import { temporaryFolder } from '../local/support/lambda.js'

/** Loads the clients of AWS as the package does, and prints what was found. */
const ENTRY = `
import { loadControlSdk, loadDataSdk } from './src/agentcore/aws/load-sdk.js'
import { dynamoDbStore } from './src/store/index.js'

const data = await loadDataSdk()
const control = await loadControlSdk()
const store = dynamoDbStore({ table: 'payments', secret: 's'.repeat(32), timeoutMs: 1 })
const failure = await store.read('key', 0).catch(({ message }) => message)
console.log(JSON.stringify({
  data: typeof data.BedrockAgentCoreClient,
  control: typeof control.BedrockAgentCoreControlClient,
  failure,
}))`

// The clients of AWS are CommonJS. A bundler that splits its output gives such a module without its names.
test('the clients of AWS are found in a bundle that is split', async () => {
  const outdir = await temporaryFolder()
  await build({
    stdin: { contents: ENTRY, resolveDir: path.resolve('.'), sourcefile: 'index.ts', loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    splitting: true,
    outdir,
    outExtension: { '.js': '.mjs' },
    banner: {
      js: `import { createRequire } from 'node:module';const require = createRequire(import.meta.url);`,
    },
    logLevel: 'error',
  })
  await writeFile(path.join(outdir, 'config'), '')
  const { stdout } = await run(process.execPath, [path.join(outdir, 'stdin.mjs')], {
    env: {
      PATH: process.env['PATH'],
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_CONFIG_FILE: path.join(outdir, 'config'),
    },
  })
  expect(JSON.parse(stdout)).toEqual({
    data: 'function',
    control: 'function',
    failure: expect.stringMatching(/GetItem on table "payments": (?!TypeError)/),
  })
}, 30_000)
