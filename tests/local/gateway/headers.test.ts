import { expect, test } from '@jest/globals'
import type { GatewayOptions, LambdaHandler } from '../../../src/local/index.js'
import { call, mcpOutput, post, started, tool } from '../support/gateway.js'
import { startMcpServer } from '../support/mcp-server.js'

/** What reaches a Lambda target and an MCP server, both with the same list. */
async function reached(
  allowedRequestHeaders: string[],
  client: Record<string, string>,
  returned?: Record<string, string>,
): Promise<Record<string, unknown>> {
  const server = started.add(await startMcpServer({ json: true }))
  const lambda: LambdaHandler = () => 1
  const options: GatewayOptions = {
    targets: [
      { name: 'fn', lambda, tools: [tool('echo')], allowedRequestHeaders },
      { name: 'srv', mcp: server.url, allowedRequestHeaders },
    ],
    ...(returned && {
      requestInterceptor: {
        lambda: mcpOutput({ transformedGatewayRequest: { headers: returned } }),
      },
    }),
  }
  const gateway = await started.gateway(options)
  await post(gateway.url, call('fn___echo'), client)
  const { clientContext } = gateway.invocations.at(-1) ?? {}
  const { custom } = clientContext as {
    custom: { bedrockAgentCorePropagatedHeaders: Record<string, unknown> }
  }
  const toFunction = custom.bedrockAgentCorePropagatedHeaders
  await post(gateway.url, call('srv___echo'), client)
  const called = server.requests.find(
    ({ body }) => (body as { method?: string } | undefined)?.method === 'tools/call',
  )
  const names = [...Object.keys(client), ...Object.keys(returned ?? {})]
  const sent = names.map((name) => [name.toLowerCase(), called?.headers[name.toLowerCase()]])
  expect(Object.fromEntries(sent.filter(([, value]) => value !== undefined))).toEqual(toFunction)
  expect(gateway.invocations.at(-1)?.headers).toEqual(toFunction)
  return toFunction
}

test('only listed headers reach a target, in any case', async () => {
  const client = { 'payment-signature': 'p', 'x-other': 'o' }
  expect(await reached(['Payment-Signature'], client)).toEqual({ 'payment-signature': 'p' })
})

test("an interceptor's value wins, and what it adds off the list is dropped", async () => {
  const returned = { 'X-Own': 'interceptor', 'X-Spike-Marker': 'm' }
  expect(await reached(['x-own'], { 'x-own': 'client' }, returned)).toEqual({
    'x-own': 'interceptor',
  })
})

test("the client's Authorization never reaches a target, an interceptor's does", async () => {
  const client = { authorization: 'Bearer client' }
  expect(await reached([], client)).toEqual({})
  expect(await reached([], client, { 'x-own': 'x' })).toEqual({})
  expect(await reached([], client, { Authorization: 'Bearer other' })).toEqual({
    authorization: 'Bearer other',
  })
})

test('values of more than 4 KB or of other than printable ASCII are dropped', async () => {
  const fits = 'x'.repeat(4096)
  expect(await reached(['x-a'], { 'x-a': fits })).toEqual({ 'x-a': fits })
  expect(await reached(['x-a'], { 'x-a': `${fits}x` })).toEqual({})
  expect(await reached(['x-a'], { 'x-a': 'caf\xe9' })).toEqual({})
  expect(await reached(['x-a'], {}, { 'x-a': 'a\tb' })).toEqual({})
})

test("a server's headers reach the client if they are on the list", async () => {
  const server = started.add(await startMcpServer({ json: true }))
  const target = { name: 'srv', mcp: server.url }
  const plain = await started.gateway({ targets: [target] })
  const answer = await post(plain.url, call('srv___echo'))
  expect(answer.headers.get('mcp-session-id')).toBeNull()
  const allowedResponseHeaders = ['mcp-session-id']
  const listed = await started.gateway({ targets: [{ ...target, allowedResponseHeaders }] })
  const told = await post(listed.url, call('srv___echo'))
  expect(told.headers.get('mcp-session-id')).toEqual(expect.any(String))
})
