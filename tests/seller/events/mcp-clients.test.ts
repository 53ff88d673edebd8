import { expect, test } from '@jest/globals'
import { createInterceptor } from '../../../src/index.js'
import { DOORS, FUNCTION_URL, GATEWAY_HTTP, MCP_ACCEPT } from '../../support/events.js'
import { sell, stack, toolCall } from '../../support/seller.js'
import { interceptorOptions } from '../phases/support/phases.js'
import { memoryStore } from '../phases/support/memory-store.js'

const REAL = DOORS.filter(({ statuses }) => statuses === 'real')

/** What clients of MCP send, of which some leave out the stream in `Accept`. */
const OF_MCP: Record<string, string>[] = [
  { 'mcp-protocol-version': '2025-11-25' },
  { 'mcp-session-id': '3f1c7a50' },
  { 'MCP-Protocol-Version': '2025-06-18' },
  { 'Mcp-Session-Id': '3f1c7a50', 'mcp-protocol-version': '2025-03-26' },
  { 'mcp-method': 'tools/call', 'mcp-name': 'T___hello' },
]

test.each(REAL)(
  'behind $name, a client that sends headers of MCP gets HTTP 200 and the challenge in the body',
  async (door) => {
    const local = await stack()
    const handler = sell(local, undefined, { planId: local.planId, ...door.options })
    for (const accept of ['application/json', '*/*', MCP_ACCEPT]) {
      for (const headers of OF_MCP) {
        const sent = { body: toolCall('T___hello'), accept, headers }
        const said = door.said(await handler(door.event(sent), door.context(sent)))
        expect([headers, said.status]).toEqual([headers, 200])
        expect(said.message).toMatchObject({
          id: 1,
          result: { isError: true, structuredContent: { x402Version: 2 } },
        })
      }
    }
  },
)

test.each(REAL)('behind $name, a client without them gets the status', async (door) => {
  const local = await stack()
  const handler = sell(local, undefined, { planId: local.planId, ...door.options })
  const others = [{}, { 'mcp-session-id': '' }, { 'x-mcp-session-id': 'a' }, { mcp: '1' }]
  for (const headers of others as Record<string, string>[]) {
    const sent = { body: toolCall('T___hello'), headers }
    const said = door.said(await handler(door.event(sent), door.context(sent)))
    expect([headers, said.status]).toEqual([headers, 402])
  }
})

test('other refusals keep to the same rule', async () => {
  const local = await stack()
  const handler = sell(local, undefined, { planId: local.planId, validate: () => 'bad' })
  const statuses = []
  for (const headers of [{}, { 'mcp-session-id': 'a' }] as Record<string, string>[]) {
    const sent = { body: toolCall('T___hello'), headers }
    const { status } = FUNCTION_URL.said(await handler(FUNCTION_URL.event(sent)))
    statuses.push(status)
  }
  expect(statuses).toEqual([400, 200])
})

test('an interceptor before an HTTP target that is an MCP server keeps to it too', async () => {
  const local = await stack()
  const options = interceptorOptions(local, { httpTargets: 'mcp', store: memoryStore() })
  const { handle } = createInterceptor(options)
  const sent = { body: toolCall('hello'), headers: { 'mcp-protocol-version': '2025-11-25' } }
  const output = await handle(GATEWAY_HTTP.event(sent), GATEWAY_HTTP.context(sent))
  expect(GATEWAY_HTTP.said(output).status).toBe(200)
})

test('a plain HTTP call is told by its option, whatever headers it has', async () => {
  const local = await stack()
  const handler = sell(local, undefined, { planId: local.planId, httpEvents: 'http' })
  const sent = { body: '', headers: { 'mcp-session-id': 'a' } }
  expect(FUNCTION_URL.said(await handler(FUNCTION_URL.event(sent))).status).toBe(402)
})
