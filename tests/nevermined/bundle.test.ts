import path from 'node:path'
import { build } from 'esbuild'
import { expect, test } from '@jest/globals'
import { temporaryFolder } from '../local/support/lambda.js'
import { run } from '../support/built.js'

const HANDLER = `
import { Payments, requiresPayment } from './src/index.js'

const payments = Payments.getInstance({ nvmApiKey: process.env.NVM_API_KEY })
await payments.warm()
const handler = requiresPayment(async () => 'Hello!', { payments, planId: '1' })
await handler(JSON.parse(process.env.EVENT))
`

const claims = Buffer.from(JSON.stringify({ sub: '0x1234' })).toString('base64url')
const EVENT = {
  interceptorInputVersion: '1.0',
  mcp: {
    gatewayRequest: {
      body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'T___hello' } },
    },
  },
}

/** What a handler logs that is bundled into one file, with this at its top. */
async function linesOf(
  banner: string,
): Promise<{ level: string; code: string; message: string }[]> {
  const outfile = path.join(await temporaryFolder(), 'handler.mjs')
  await build({
    stdin: { contents: HANDLER, resolveDir: path.resolve('.'), loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    banner: { js: banner },
    logLevel: 'error',
  })
  const env = {
    PATH: process.env['PATH'],
    NVM_API_KEY: `local:e30.${claims}.c2ln`,
    NVM_BACKEND_URL: 'http://127.0.0.1:1',
    EVENT: JSON.stringify(EVENT),
  }
  const { stdout, stderr } = await run(process.execPath, [outfile], { env })
  const lines = [stdout, stderr].join('\n').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as never)
}

test('a bundle without the banner says so, once, beside each failure', async () => {
  const lines = await linesOf('')
  expect(lines).toMatchObject([
    { level: 'ERROR', code: 'http_library_missing' },
    { level: 'ERROR', code: 'plan_unavailable', reason: 'network_error', detail: 'not_loaded' },
  ])
  expect(lines[0]?.message).toContain('A bundle in ESM needs the banner that defines require')
}, 30_000)

test('a bundle with the banner reaches the network', async () => {
  const banner = `import { createRequire } from 'node:module';const require = createRequire(import.meta.url);`
  expect(await linesOf(banner)).toMatchObject([
    { level: 'ERROR', code: 'backend_unreachable' },
    { level: 'ERROR', code: 'plan_unavailable' },
  ])
}, 30_000)
