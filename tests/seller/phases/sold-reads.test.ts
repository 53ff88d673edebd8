import { expect, test } from '@jest/globals'
import type { McpError } from '@modelcontextprotocol/sdk/types.js'
import type { GatewayEvent } from '../../../src/index.js'
import type { GatewayOptions, Local } from '../../../src/local/index.js'
import { decodeToken } from '../../../src/wire/x402.js'
import { started } from '../../local/support/gateway.js'
import { createLibrary } from '../../local/support/library.js'
import { startMcpServer } from '../../local/support/mcp-server.js'
import { stack } from '../../support/seller.js'
import { intercept, SHOWN } from './support/phases.js'

const billableMethods = ['tools/call', 'prompts/get', 'resources/read']

/** Starts a gateway that sells the prompts and resources of a library. */
async function library(
  local: Local,
  options: object = {},
  gateway: Partial<GatewayOptions> = {},
): Promise<string> {
  const server = started.add(await startMcpServer({ create: () => createLibrary('lib') }))
  const lambda = intercept(local, { billableMethods, ...options })
  const interceptor = { lambda, passRequestHeaders: true }
  const { url } = await started.gateway({
    targets: [{ name: 'lib', mcp: server.url }],
    requestInterceptor: interceptor,
    responseInterceptor: interceptor,
    ...gateway,
  })
  return url
}

const paying = (local: Local) => ({
  _meta: { 'x402/payment': decodeToken(local.accessToken()) },
})

const GATEWAYS = SHOWN.flatMap((responseSees): [string, Partial<GatewayOptions>][] => [
  [`a gateway, ${responseSees} request`, { assume: { responseSees } }],
  [
    `a streaming gateway, ${responseSees} request`,
    { assume: { responseSees }, streaming: true, sessions: true },
  ],
])

test.each(GATEWAYS)(
  'a client of the official SDK reads what a resource costs, pays, and gets it: %s',
  async (_, gateway) => {
    const local = await stack()
    const client = await started.client(await library(local, {}, gateway))
    const uri = 'doc://lib'
    expect((await client.listResources()).resources).toHaveLength(3)
    const refused = (await client
      .readResource({ uri })
      .catch((error: unknown) => error)) as McpError
    expect(refused).toMatchObject({
      code: 402,
      message: expect.stringContaining('Payment required for resources/read: it costs 1 credit'),
      data: {
        x402Version: 2,
        error: 'payment required',
        resource: { url: 'mcp://resources/read' },
        accepts: [{ planId: local.planId }],
      },
    })
    expect(local.balance()).toBe(100n)
    const paid = await client.readResource({ uri, ...paying(local) })
    expect(paid.contents[0]).toMatchObject({ uri, text: 'doc://lib of lib' })
    expect(paid._meta?.['x402/payment-response']).toMatchObject({ creditsRedeemed: '1' })
    expect(local.balance()).toBe(99n)
  },
)

test.each(GATEWAYS)('prompts are sold likewise: %s', async (_, gateway) => {
  const local = await stack()
  const client = await started.client(await library(local, {}, gateway))
  const params = { name: 'lib___greet', arguments: { who: 'Ada' } }
  expect((await client.listPrompts()).prompts).toHaveLength(1)
  await expect(client.getPrompt(params)).rejects.toMatchObject({
    code: 402,
    data: { resource: { url: 'mcp://prompts/get' } },
  })
  const paid = await client.getPrompt({ ...params, ...paying(local) })
  expect(paid.messages[0]?.content).toMatchObject({ text: 'lib greets Ada' })
  expect(paid._meta).toMatchObject({
    got: null,
    'x402/payment-response': { creditsRedeemed: '1' },
  })
  expect(local.balance()).toBe(99n)
})

test('a price that is computed can differ by the URI', async () => {
  const local = await stack()
  const credits = ({ mcp }: GatewayEvent) => {
    const { uri } = mcp.gatewayRequest.body.params as unknown as { uri: string }
    return uri === 'doc://lib' ? 3 : 0
  }
  const client = await started.client(await library(local, { credits }))
  const free = await client.readResource({ uri: 'doc://shared' })
  expect(free.contents).toHaveLength(2)
  await expect(client.readResource({ uri: 'doc://lib' })).rejects.toMatchObject({ code: 402 })
  await client.readResource({ uri: 'doc://lib', ...paying(local) })
  expect(local.balance()).toBe(97n)
})

test('a resource that cannot be read costs nothing', async () => {
  const local = await stack()
  const client = await started.client(await library(local))
  const reading = client.readResource({ uri: 'broken://', ...paying(local) })
  await expect(reading).rejects.toMatchObject({
    message: expect.stringContaining('the disk is gone'),
  })
  expect(local.balance()).toBe(100n)
})

test('a payment that is refused, or cannot be checked, is said in an error', async () => {
  const local = await stack()
  const client = await started.client(await library(local, { structuredChallenge: false }))
  const read = () => client.readResource({ uri: 'doc://lib', ...paying(local) })
  local.faults.set({ route: 'verify', kind: 'refuse', reason: 'no' })
  await expect(read()).rejects.toMatchObject({
    code: 402,
    data: { error: 'verification failed: no', accepts: [{}] },
  })
  local.faults.clear()
  local.faults.set({ route: 'verify', kind: 'error', status: 500 })
  await expect(read()).rejects.toMatchObject({
    code: -32603,
    message: expect.stringContaining('You were not charged'),
  })
  expect(local.balance()).toBe(100n)
})

test('input that the seller refuses is an error of the parameters', async () => {
  const local = await stack()
  const client = await started.client(await library(local, { validate: () => 'no such shelf' }))
  await expect(client.readResource({ uri: 'doc://lib' })).rejects.toMatchObject({
    code: -32602,
    message: expect.stringContaining('no such shelf'),
  })
})

test('a settlement that is refused withholds the resource', async () => {
  const local = await stack()
  const client = await started.client(await library(local))
  local.faults.set({ route: 'settle', kind: 'refuse', reason: 'no' })
  const reading = client.readResource({ uri: 'doc://lib', ...paying(local) })
  const error = (await reading.catch((thrown: unknown) => thrown)) as McpError
  expect(error).toMatchObject({ code: 402, data: { error: 'settlement failed' } })
  expect(JSON.stringify(error)).not.toContain('doc://lib of lib')
})
