import { expect, test } from '@jest/globals'
import type { RequiresPaymentOptions } from '../../../src/index.js'
import {
  FUNCTION_URL,
  GATEWAY,
  GATEWAY_HTTP,
  LAMBDA_TARGETS,
  REST_API,
  type Door,
} from '../../support/events.js'
import { TOOL } from '../../support/outcome.js'
import { hello, sell, stack, toolCall } from '../../support/seller.js'

type Hook = NonNullable<RequiresPaymentOptions['onPaymentError']>

const [TARGET] = LAMBDA_TARGETS as [Door]
const body = { jsonrpc: '2.0', id: 'mine', result: { content: [] } }

/** What the caller of an unpaid call gets where the seller's hook gives this. */
async function unpaid(door: Door, given: unknown): Promise<unknown> {
  const onPaymentError: Hook = () => given as ReturnType<Hook>
  const handler = sell(await stack(), hello, { ...door.options, onPaymentError })
  const sent = { body: toolCall(TOOL) }
  return handler(door.event(sent), door.context(sent))
}

const OUTPUTS: { name: string; door: Door; given: Record<string, unknown> }[] = [
  GATEWAY,
  GATEWAY_HTTP,
].map((door) => {
  const key = door === GATEWAY ? 'mcp' : 'http'
  const response = { statusCode: 418, body: door === GATEWAY ? body : 'bWluZQ==' }
  return { name: door.name, door, given: { [key]: { transformedGatewayResponse: response } } }
})

test.each(OUTPUTS)('an output of a hook goes out whole through $name', async ({ door, given }) => {
  expect(await unpaid(door, given)).toEqual({ ...given, interceptorOutputVersion: '1.0' })
})

test.each([FUNCTION_URL, REST_API].map((door) => ({ door, name: door.name })))(
  'an HTTP response of a hook goes out whole through $name',
  async ({ door }) => {
    const given = { statusCode: 418, body: 'mine', cookies: ['a=b'] }
    expect(await unpaid(door, given)).toEqual(given)
  },
)

test('a result of a hook goes out whole from a Lambda target', async () => {
  const given = { isError: true, content: [{ type: 'text', text: 'mine' }] }
  expect(await unpaid(TARGET, given)).toEqual(given)
})

test.each(
  [GATEWAY, GATEWAY_HTTP, FUNCTION_URL, REST_API].map((door) => ({ door, name: door.name })),
)('what is no output there is not sent through $name, and the challenge is', async ({ door }) => {
  const others = [GATEWAY, GATEWAY_HTTP, FUNCTION_URL].filter((other) => other !== door)
  const odd: unknown[] = [undefined, null, 'text', 7, [], {}, { mcp: null }, { http: 'x' }]
  if (others.includes(GATEWAY)) odd.push({ mcp: { transformedGatewayResponse: { body } } })
  if (others.includes(GATEWAY_HTTP)) odd.push({ http: { transformedGatewayResponse: {} } })
  if (door === GATEWAY || door === GATEWAY_HTTP) odd.push({ statusCode: 200, body: 'mine' })
  for (const given of odd) {
    const { message } = door.said(await unpaid(door, given))
    expect(message).toMatchObject({ id: 1, result: { structuredContent: { accepts: [{}] } } })
  }
})

test.each([null, 'text', 7, []])('a Lambda target sends no %j for a hook', async (given) => {
  expect(await unpaid(TARGET, given)).toMatchObject({ structuredContent: { accepts: [{}] } })
})
