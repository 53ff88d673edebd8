import { expect, test } from '@jest/globals'
import type { HttpInterceptorOutput, InterceptorOutput } from '../../src/index.js'
import { memoryStore } from '../seller/phases/support/memory-store.js'
import { intercept } from '../seller/phases/support/phases.js'
import { eventOf, stack } from '../support/seller.js'

const TOOLS = { tools: { free: 'free', paid: { planId: 'plan', credits: 5 } } }

test.each([
  ['Method', { method: 'tools/list', Method: 'tools/call', params: { name: 'paid' } }],
  [
    'Method, in an answer to the server',
    { result: {}, Method: 'tools/call', params: { name: 'paid' } },
  ],
  ['PARAMS', { method: 'tools/call', params: { name: 'free' }, PARAMS: { name: 'paid' } }],
  ['Name', { method: 'tools/call', params: { name: 'free', Name: 'paid' } }],
  ['Arguments', { method: 'tools/call', params: { name: 'free', Arguments: {} } }],
])(
  'a second spelling of a member (%s) is refused, as targets may read that one',
  async (_, body) => {
    const local = await stack()
    const handle = intercept(local, TOOLS)
    const output = (await handle(eventOf({ jsonrpc: '2.0', id: 1, ...body }))) as InterceptorOutput
    expect(output.mcp.transformedGatewayRequest).toBeUndefined()
    expect(output.mcp.transformedGatewayResponse?.body).toMatchObject({ error: { code: -32600 } })
  },
)

test('members of arguments may be spelt in any way', async () => {
  const local = await stack()
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/call' }
  const params = { name: 'free', arguments: { Name: 'x', METHOD: 'y' } }
  const output = (await intercept(local, TOOLS)(eventOf({ ...body, params }))) as InterceptorOutput
  expect(output.mcp.transformedGatewayRequest?.body).toMatchObject({ params })
})

test('of a member that comes twice, an HTTP target sees the one that was priced', async () => {
  const local = await stack()
  const handle = intercept(local, { ...TOOLS, httpTargets: 'mcp', store: memoryStore() })
  const text = `{"jsonrpc":"2.0","id":1,"method":"tools/call","method":"tools/list","params":{"name":"paid"}}`
  const body = Buffer.from(text).toString('base64')
  const gatewayRequest = { path: '/srv/mcp', httpMethod: 'POST', headers: {}, body }
  const context = { clientContext: { custom: { REQUEST_ID: 'r-1' } } }
  const output = (await handle(
    { http: { gatewayRequest } },
    context as never,
  )) as HttpInterceptorOutput
  const forwarded = output.http.transformedGatewayRequest?.body ?? ''
  expect(Buffer.from(forwarded, 'base64').toString()).not.toContain('tools/call')
  expect(Buffer.from(forwarded, 'base64').toString()).toContain('tools/list')
})
