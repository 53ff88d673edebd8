import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'

const run = promisify(execFile)
let folder: string
let server: https.Server
let connections = 0

/** A certificate for this run only, and a facilitator behind it that calls every payment good. */
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'tls-'))
  const [key, cert] = [path.join(folder, 'key.pem'), path.join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-keyout', key, '-out', cert, '-days', '2', ...subject],
  ])
  server = https.createServer(
    { key: await readFile(key), cert: await readFile(cert) },
    (request, response) => {
      request.resume()
      const verified = { isValid: true, payer: '0x01' }
      const settled = {
        success: true,
        transaction: '0x02',
        network: 'eip155:84532',
        creditsRedeemed: '1',
      }
      response.end(JSON.stringify(request.url?.endsWith('/verify') ? verified : settled))
    },
  )
  server.on('secureConnection', () => (connections += 1))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await rm(folder, { recursive: true })
})

/** The built package in a process that trusts the certificate. */
async function inChild(script: string, extraCa: boolean): Promise<string> {
  const { port } = server.address() as AddressInfo
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', SETUP + script], {
    env: {
      ...process.env,
      BACKEND: `https://127.0.0.1:${port}`,
      ...(extraCa && { NODE_EXTRA_CA_CERTS: path.join(folder, 'cert.pem') }),
    },
  })
  return stdout.trim()
}

const SETUP = `
  import { Payments, requiresPayment } from 'agentcore-x402'
  const key = 'local:e30.' + Buffer.from('{"sub":"0x01"}').toString('base64url') + '.x'
  const payments = Payments.getInstance({ nvmApiKey: key, backendUrl: process.env.BACKEND })
  const silent = Object.fromEntries(['debug', 'info', 'warn', 'error'].map((level) => [level, () => {}]))
  const options = { payments, planId: '1', scheme: 'nvm:erc4337', network: 'eip155:84532', logger: silent }
  const handler = requiresPayment(() => 'paid for', options)
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'T___t' } }
  const event = { mcp: { gatewayRequest: { headers: { 'payment-signature': 'token' }, body } } }
  const call = async () => (await handler(event)).mcp.transformedGatewayResponse
`

test('over TLS, sequential paid calls share one connection', async () => {
  const out = await inChild(
    `for (let i = 0; i < 5; i++) console.log((await call()).body.result.content[0].text)`,
    true,
  )
  expect(out.split('\n')).toEqual(Array.from({ length: 5 }, () => 'paid for'))
  expect(connections).toBe(1)
})

test('a certificate that is not trusted means nothing was sent', async () => {
  const out = await inChild(
    `const verify = { paymentRequired: {}, x402AccessToken: 't' }
     const error = await payments.facilitator.settlePermissions(verify).catch((e) => e)
     console.log(error.outcome, error.retryable)`,
    false,
  )
  expect(out).toBe('unavailable true')
})
